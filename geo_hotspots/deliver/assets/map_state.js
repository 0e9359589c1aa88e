/* One state, kept in the page's address, so that a view can be sent and comes back as it was. */
(function (G) {
  'use strict';
  var DEFAULTS = { fill: '', measure: 'n', hot: true, emerging: true, points: true, rectified: false, category: '', street: '', lifecycle: '', kind: '', span: '', week: '', q: '', sel: '', at: '' };
  var SPANS = { '': 1, '1': 1, '4': 1, '13': 1 };

  G.readHash = function () {
    var state = L.extend({}, DEFAULTS);
    location.hash.replace(/^#/, '').split('&').forEach(function (part) {
      var cut = part.indexOf('='), key = part.slice(0, cut), value = part.slice(cut + 1);
      if (cut < 1 || !Object.prototype.hasOwnProperty.call(DEFAULTS, key)) { return; }
      try { value = decodeURIComponent(value); } catch (error) { return; }
      state[key] = typeof DEFAULTS[key] === 'boolean' ? value === '1' : value;
    });
    if (!G.measures.hasOwnProperty(state.measure)) { state.measure = 'n'; }
    if (!SPANS.hasOwnProperty(state.span)) { state.span = ''; }
    if (!state.span || !/^\d{1,3}$/.test(state.week)) { state.week = ''; }
    return state;
  };

  G.hashOf = function (state) {
    var parts = [];
    Object.keys(DEFAULTS).forEach(function (key) {
      if (state[key] === (key === 'fill' ? G.defaultFill : DEFAULTS[key])) { return; }
      var value = typeof state[key] === 'boolean' ? (state[key] ? '1' : '0') : state[key];
      parts.push(key + '=' + encodeURIComponent(value));
    });
    return parts.length ? '#' + parts.join('&') : '#';
  };

  // What narrows the points; the others say how they are shown.
  G.filters = ['category', 'street', 'lifecycle', 'kind', 'span', 'week', 'q'];

  G.isFiltered = function () { return G.filters.some(function (key) { return !!G.state[key]; }); };
})(GeoHotspots);
