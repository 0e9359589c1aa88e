/* The planner's page: one state, kept in the address, shown by the map and the list. */
(function (G) {
  'use strict';
  var DEFAULTS = { fill: '', measure: 'n', hot: true, points: true, category: '', street: '', lifecycle: '', kind: '', q: '', sel: '', at: '' };

  function readHash() {
    var state = L.extend({}, DEFAULTS);
    location.hash.replace(/^#/, '').split('&').forEach(function (part) {
      var cut = part.indexOf('='), key = part.slice(0, cut), value = part.slice(cut + 1);
      if (cut < 1 || !Object.prototype.hasOwnProperty.call(DEFAULTS, key)) { return; }
      try { value = decodeURIComponent(value); } catch (error) { return; }
      state[key] = typeof DEFAULTS[key] === 'boolean' ? value === '1' : value;
    });
    if (!G.measures.hasOwnProperty(state.measure)) { state.measure = 'n'; }
    return state;
  }

  function hashOf(state) {
    var parts = [];
    Object.keys(DEFAULTS).forEach(function (key) {
      if (state[key] === (key === 'fill' ? G.defaultFill : DEFAULTS[key])) { return; }
      var value = typeof state[key] === 'boolean' ? (state[key] ? '1' : '0') : state[key];
      parts.push(key + '=' + encodeURIComponent(value));
    });
    return parts.length ? '#' + parts.join('&') : '#';
  }

  G.start = function (map) {
    if (!G.able) { return; }
    try {
      run(map, JSON.parse(G.byId('data').textContent));
    } catch (error) {
      // Better the plain table than half a map.
      document.documentElement.className = document.documentElement.className.replace(' ready', '');
      throw error;
    }
  };

  function run(map, data) {
    G.words = data.words;
    G.pointDays = data.point_days;
    G.defaultFill = data.community.name.length ? 'community' : data.street.name.length ? 'street' : data.cell.cell.length ? 'cell' : 'none';
    G.state = readHash();
    var bounds = data.bounds ? L.latLngBounds(data.bounds) : null;
    controls(map, bounds);
    fit(map, bounds);
    var base = G.drawBase(map, data), points = G.readPoints(data), rows = [];
    var whole = map.getZoom();
    G.setScale(whole, whole);
    var drawn = G.drawPoints(map, points, pick);
    base.dots = function () { return G.dots(drawn); };

    function pick(row, from) {
      var again = from === 'list' && G.state.sel === row.hotspot_id;
      G.state.sel = again ? '' : row.hotspot_id;
      if (from === 'map' && rows.indexOf(row) >= 60) { G.showList(rows, count(), pick, rows.indexOf(row) + 1); }
      show();
      save();
      if (!again && from === 'list') { bring(map, row); }
    }

    function chosen() {
      return rows.filter(function (row) { return row.hotspot_id === G.state.sel; })[0] || null;
    }

    function count() {
      return points.filter(function (row) { return row.isSingle === (G.state.kind === 'single_caller'); }).length;
    }

    function show() {
      var row = chosen();
      G.markPoint(drawn, row);
      G.openItem(row, !!row);
    }

    function refilter() {
      rows = G.filterPoints(points);
      G.showList(rows, count(), pick);
      G.showPoints(drawn, rows);
      G.byId('reset').style.visibility = G.isFiltered() ? 'visible' : 'hidden';
      G.showPlaces(base, goTo);
      base.placeLabels();
      show();
    }

    function goTo(area) { map.fitBounds(L.polygon(G.shape(area.shape)).getBounds(), padding()); }

    function refill() {
      G.showFill(base, function (street) { G.state.street = street; map.closePopup(); setForm(); refilter(); save(); });
      G.byId('measure').style.display = G.state.fill === 'community' || G.state.fill === 'street' ? '' : 'none';
    }

    function setForm() {
      G.state.lifecycle = G.markState(G.state.lifecycle);
      ['category', 'street', 'kind', 'measure', 'q'].forEach(function (key) {
        var field = G.byId(key);
        field.value = G.state[key];
        if (field.selectedIndex === -1) { field.value = ''; G.state[key] = ''; }
        if (key !== 'q') { field.className = G.state[key] && key !== 'measure' ? 'set' : ''; }
      });
      var fills = document.getElementsByName('fill');
      for (var i = 0; i < fills.length; i++) { fills[i].checked = fills[i].value === G.state.fill; }
      G.byId('hot').checked = G.state.hot;
      G.byId('points').checked = G.state.points;
      ['hot', 'points'].forEach(function (key) { G.byId(key).parentNode.classList[G.state[key] ? 'remove' : 'add']('off'); });
    }

    function save() {
      saved = hashOf(G.state);
      if (saved !== (location.hash || '#')) { location.replace(saved); }
    }

    function load() {
      G.state = readHash();
      if (['community', 'street', 'cell', 'none'].indexOf(G.state.fill) < 0 || isEmpty(G.state.fill)) { G.state.fill = G.defaultFill; }
      setForm();
      refill();
      refilter();
      var at = /^(\d+(?:\.\d+)?)\/(-?\d+(?:\.\d+)?)\/(-?\d+(?:\.\d+)?)$/.exec(G.state.at);
      if (at) { map.setView([+at[2], +at[3]], +at[1], { animate: false }); }
    }

    function isEmpty(fill) {
      return (fill === 'cell' ? data.cell.cell : fill === 'none' ? [1] : data[fill] ? data[fill].name : []).length === 0;
    }

    function listen() {
      ['category', 'street', 'kind'].forEach(function (key) {
        G.byId(key).onchange = function () { G.state[key] = this.value; setForm(); refilter(); save(); };
      });
      var wait = null;
      G.byId('q').oninput = function () {
        G.state.q = this.value;
        clearTimeout(wait);
        wait = setTimeout(function () { refilter(); save(); }, 150);
      };
      G.byId('filters').onsubmit = function () { return false; };
      G.byId('reset').onclick = function () {
        ['category', 'street', 'lifecycle', 'kind', 'q'].forEach(function (key) { G.state[key] = ''; });
        setForm(); refilter(); save();
      };
      G.byId('measure').onchange = function () { G.state.measure = this.value; refill(); save(); };
      ['hot', 'points'].forEach(function (key) {
        G.byId(key).onchange = function () { G.state[key] = this.checked; setForm(); refill(); refilter(); save(); };
      });
      var fills = document.getElementsByName('fill');
      for (var i = 0; i < fills.length; i++) {
        fills[i].disabled = isEmpty(fills[i].value);
        fills[i].onchange = function () { G.state.fill = this.value; refill(); save(); };
      }
      map.on('moveend', function () {
        if (!G.moved) { return; }
        var c = map.getCenter();
        G.state.at = +map.getZoom().toFixed(2) + '/' + c.lat.toFixed(5) + '/' + c.lng.toFixed(5);
        save();
      });
      map.on('dragstart zoomstart', function () { G.moved = !G.printing; });
      window.onhashchange = function () { if ((location.hash || '#') !== saved) { load(); } };
    }

    var saved = '';
    G.fillSelect('measure', '', []);
    G.empty(G.byId('measure'));
    G.measureOrder.forEach(function (measure) {
      var option = G.el('option', '', G.words.field[measure]);
      option.value = measure;
      option.disabled = !data.street[measure].concat(data.community[measure]).some(function (value) { return value !== null; });
      G.byId('measure').appendChild(option);
    });
    G.prepareFilters(points);
    G.prepareStates(points, function (code) {
      G.state.lifecycle = G.state.lifecycle === code ? '' : code;
      setForm(); refilter(); save();
    });
    G.showSummary(base, function (area) { goTo(area); G.state.street = area.name; setForm(); refilter(); save(); });
    G.pointLegend(points);
    G.drawLabels(base);
    map.on('zoomend', function () { G.setScale(map.getZoom(), G.printing ? map.getZoom() : whole); G.resizePoints(drawn, points); G.restyle(base); G.markPoint(drawn, chosen()); });
    if (data.cell_days) { G.byId('hot-text').textContent = G.say('show_hot_days', { days: data.cell_days }); }
    G.byId('hot-label').style.display = data.cell.hot.length ? '' : 'none';
    listen();
    load();
    toggles();
    printing(map, bounds);
    G.moved = false;
    document.documentElement.className += ' started';
  }

  function controls(map, bounds) {
    L.control.zoom({ position: 'topright', zoomInTitle: G.say('zoom_in'), zoomOutTitle: G.say('zoom_out') }).addTo(map);
    if (!bounds) { return; }
    L.control.scale({ position: 'bottomright', imperial: false, maxWidth: 110 }).addTo(map);
    var Whole = L.Control.extend({
      onAdd: function () {
        var bar = L.DomUtil.create('div', 'leaflet-bar'), button = L.DomUtil.create('a', 'whole', bar);
        button.href = '#';
        button.title = G.say('whole');
        button.setAttribute('role', 'button');
        button.setAttribute('aria-label', G.say('whole'));
        button.appendChild(G.el('span', '', '⤢'));
        L.DomEvent.on(button, 'click', function (event) { L.DomEvent.stop(event); fit(map, bounds); });
        return bar;
      }
    });
    new Whole({ position: 'topright' }).addTo(map);
  }

  function padding() {
    if (G.printing) { return { paddingTopLeft: [215, 14], paddingBottomRight: [14, 14], maxZoom: 17 }; }
    return G.isNarrow() ? { paddingTopLeft: [14, 14], paddingBottomRight: [14, 14], maxZoom: 17 }
      : { paddingTopLeft: [270, 24], paddingBottomRight: [48, 24], maxZoom: 17 };
  }

  function fit(map, bounds) {
    if (!bounds) { map.setView([0, 0], 1); return; }
    map.setMinZoom(0);
    map.fitBounds(bounds, L.extend({ animate: false }, padding()));
    map.setMinZoom(map.getZoom() - 1);
    map.setMaxBounds(bounds.pad(0.9));
  }

  function bring(map, row) {
    var target = Math.max(map.getZoom(), 14.5);
    G.moved = true;
    map.flyTo([row.lat, row.lng], target, { duration: 0.5 });
  }

  /* On narrow screens layers and filters fold away behind a button. */
  function toggles() {
    function bind(open, close, className) {
      function set(on) {
        document.documentElement.classList[on ? 'add' : 'remove'](className);
        open.setAttribute('aria-expanded', on ? 'true' : 'false');
      }
      open.onclick = function () { set(open.getAttribute('aria-expanded') !== 'true'); };
      if (close) { close.onclick = function () { set(false); open.focus(); }; }
      set(!G.isNarrow());
    }
    bind(G.byId('layers-open'), G.byId('layers-close'), 'layers-shown');
    bind(G.byId('filters-open'), null, 'filters-shown');
  }

  /* Paper has a size of its own: the map is fitted to it, and put back after. */
  function printing(map, bounds) {
    var view = null;
    window.addEventListener('beforeprint', function () {
      view = { centre: map.getCenter(), zoom: map.getZoom() };
      G.printing = true;
      document.documentElement.classList.add('printing');
      map.invalidateSize({ animate: false, pan: false });
      if (bounds) { map.fitBounds(bounds, L.extend({ animate: false }, padding())); }
    });
    window.addEventListener('afterprint', function () {
      document.documentElement.classList.remove('printing');
      map.invalidateSize({ animate: false, pan: false });
      if (view) { map.setView(view.centre, view.zoom, { animate: false }); }
      G.printing = false;
    });
  }
})(GeoHotspots);
