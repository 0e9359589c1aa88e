/* Clusters that emerge: a dashed ring around their place, with what drives them. */
(function (G) {
  'use strict';
  var FIELDS = ['cluster_id', 'category', 'signal', 'state', 'n', 'n_callers', 'expected', 'weeks', 'radius_m', 'community', 'reason', 'lat', 'lng'];

  function look(row) {
    var colour = G.colours.emerging[row.signal] || G.colours.emerging.watch;
    return { color: colour, weight: row.signal === 'alarm' ? 2.6 : 2, dashArray: '7 4', fillColor: colour, fillOpacity: 0.1 };
  }

  G.drawEmerging = function (base) {
    base.emergingRows = G.rows(base.data.emerging, FIELDS);
    base.emerging = L.layerGroup(base.emergingRows.map(function (row) {
      // From far a ring of some pixels, lest an alarm be overlooked.
      row.layer = L.circle([row.lat, row.lng], L.extend({ renderer: base.hotRenderer, radius: row.radius_m || 150, className: 'emerging' }, look(row)));
      return row.layer.bindTooltip(function () { return words(row, 'tip'); }, { direction: 'top', opacity: 1, sticky: true, offset: [0, -6] })
        .bindPopup(function () { return words(row, 'area-card'); }, { maxWidth: 300, autoPanPadding: [24, 24] });
    }));
  };

  G.restyleEmerging = function (base) {
    var least = 9 * G.metresPerPixel(base.map);
    base.emergingRows.forEach(function (row) { row.layer.setRadius(Math.max(row.radius_m || 150, least)); });
  };

  function words(row, className) {
    var box = G.el('div', className);
    G.add(box, G.el('b', '', G.name('signal', row.signal) + ' · ' + (row.category === 'all' ? G.say('every_category') : G.category(row.category))));
    return G.add(box, G.el('span', '', [row.community, G.name('cluster', row.state)].filter(Boolean).join(' · ')), G.el('span', 'reason', row.reason));
  }

  G.emergingLegend = function (rows) {
    var box = G.empty(G.byId('legend-emerging'));
    ['alarm', 'watch'].forEach(function (signal) {
      var n = rows.filter(function (row) { return row.signal === signal; }).length;
      if (!n) { return; }
      var svg = G.svg('svg', { width: 16, height: 16, 'class': 'glyph', 'aria-hidden': 'true' });
      svg.appendChild(G.svg('circle', { cx: 8, cy: 8, r: 6, fill: 'none', stroke: G.colours.emerging[signal], 'stroke-width': 2, 'stroke-dasharray': '4 2.3' }));
      G.add(box, G.add(G.el('span', 'key'), svg, G.el('span', '', G.name('signal', signal) + ' ' + n)));
    });
  };
})(GeoHotspots);
