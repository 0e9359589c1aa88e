/* The planner's page: one state, shown by the map, the list and the bar of weeks together. */
(function (G) {
  'use strict';
  var FILLS = ['community', 'street', 'cell', 'heat', 'none'];

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
    G.defaultFill = FILLS.filter(function (fill) { return !isEmpty(fill); })[0];
    G.state = G.readHash();
    var bounds = data.bounds ? L.latLngBounds(data.bounds) : null;
    var cells = data.pyramid.n ? new G.Cells(data.pyramid) : null, points = G.readPoints(data), rows = [], saved = '';
    var nRectified = G.readRectified(data, points);
    var time = G.timeBar(cells, function () { setForm(); refill(); refilter(); save(); });
    G.controls(map, bounds);
    G.fit(map, bounds);
    var whole = map.getZoom();
    G.setScale(whole, whole);
    G.addTiles(map, data.tiles, bounds);
    var base = G.drawBase(map, data), canvas = cells ? new G.CellCanvas(cells.pyramid, cells) : null, drawn = G.drawPoints(map, points, pick);
    base.dots = function () { return G.dots(drawn); };

    function pick(row, from) {
      var again = from === 'list' && G.state.sel === row.hotspot_id;
      G.state.sel = again ? '' : row.hotspot_id;
      if (from === 'map' && rows.indexOf(row) >= 60) { G.showList(rows, count(), pick, rows.indexOf(row) + 1); }
      show();
      save();
      if (!again && from === 'list') { G.bring(map, row); }
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
      var span = cells && cells.span();
      rows = G.filterPoints(points, span && { from: span[0] - data.pyramid.weeks, to: span[1] - data.pyramid.weeks });
      G.showList(rows, count(), pick);
      G.showPoints(drawn, rows);
      G.showRectified(drawn, rows, span && G.spanDays(data.pyramid, span), pick);
      G.byId('reset').style.visibility = G.isFiltered() ? 'visible' : 'hidden';
      G.showPlaces(base, goTo);
      base.placeLabels();
      time.show();
      G.byId('filter-words').textContent = G.filterWords(cells);
      show();
    }

    function goTo(area) {
      G.moved = true;
      if (area.shape) { map.fitBounds(L.polygon(G.shape(area.shape)).getBounds(), G.padding()); return; }
      map.setView([area.lat, area.lng], 16);
      L.popup({ closeButton: false }).setLatLng([area.lat, area.lng]).setContent(G.el('b', '', area.name)).openOn(map);
    }

    function refill() {
      G.showFill(base, canvas, function (street) { G.state.street = street; map.closePopup(); changed(); });
      if (canvas) { canvas.redraw(); }
      G.showLegend(base, cells);
      G.byId('measure').style.display = base[G.state.fill] ? '' : 'none';
    }

    // After any filter: form, list, map and address say the same.
    function changed() { setForm(); refill(); refilter(); save(); }

    function setForm() {
      G.state.lifecycle = G.markState(G.state.lifecycle);
      ['category', 'street', 'kind', 'measure', 'q'].forEach(function (key) {
        var field = G.byId(key);
        field.value = G.state[key];
        if (field.selectedIndex === -1) { field.value = ''; G.state[key] = ''; }
        if (key !== 'q') { field.className = G.state[key] && key !== 'measure' ? 'set' : ''; }
      });
      FILLS.forEach(function (fill) { G.byId('fill-' + fill).checked = fill === G.state.fill; });
      ['hot', 'emerging', 'points', 'rectified'].forEach(function (key) {
        G.byId(key).checked = G.state[key];
        G.byId(key).parentNode.classList[G.state[key] ? 'remove' : 'add']('off');
      });
    }

    function save() {
      saved = G.hashOf(G.state);
      if (saved !== (location.hash || '#')) { location.replace(saved); }
    }

    function load() {
      G.state = G.readHash();
      if (FILLS.indexOf(G.state.fill) < 0 || isEmpty(G.state.fill)) { G.state.fill = G.defaultFill; }
      setForm();
      refill();
      refilter();
      var at = /^(\d+(?:\.\d+)?)\/(-?\d+(?:\.\d+)?)\/(-?\d+(?:\.\d+)?)$/.exec(G.state.at);
      if (at) { map.setView([+at[2], +at[3]], +at[1], { animate: false }); }
    }

    function isEmpty(fill) {
      return (fill === 'cell' || fill === 'heat' ? data.pyramid.roots : fill === 'none' ? [1] : data[fill] ? data[fill].name : []).length === 0;
    }

    function listen() {
      ['category', 'street', 'kind'].forEach(function (key) {
        G.byId(key).onchange = function () { G.state[key] = this.value; changed(); };
      });
      var wait = null;
      G.byId('q').oninput = function () {
        G.state.q = this.value;
        clearTimeout(wait);
        wait = setTimeout(function () { refilter(); save(); }, 150);
      };
      G.byId('filters').onsubmit = function () { return false; };
      G.byId('reset').onclick = function () {
        time.stop();
        G.filters.forEach(function (key) { G.state[key] = ''; });
        changed();
      };
      G.byId('measure').onchange = function () { G.state.measure = this.value; refill(); save(); };
      ['hot', 'emerging', 'points', 'rectified'].forEach(function (key) {
        G.byId(key).onchange = function () { G.state[key] = this.checked; changed(); };
      });
      FILLS.forEach(function (fill) {
        G.byId('fill-' + fill).disabled = isEmpty(fill);
        G.byId('fill-' + fill).onchange = function () { G.state.fill = fill; refill(); save(); };
      });
      map.on('moveend', function () {
        if (!G.moved) { return; }
        var c = map.getCenter();
        G.state.at = +map.getZoom().toFixed(2) + '/' + c.lat.toFixed(5) + '/' + c.lng.toFixed(5);
        save();
      });
      map.on('dragstart zoomstart', function () { G.moved = !G.printing; });
      map.on('zoomend', function () {
        G.setScale(map.getZoom(), G.printing ? map.getZoom() : whole);
        G.arrangePoints(drawn);
        G.pointLegend(points);
        G.restyle(base);
        G.markPoint(drawn, chosen());
        if (cells && !base[G.state.fill]) { G.showLegend(base, cells); }
      });
      if (canvas) { canvas.on('heat', function () { G.showLegend(base, cells); }); }
      window.onhashchange = function () { if ((location.hash || '#') !== saved) { load(); } };
      document.addEventListener('keydown', function (event) {
        if (event.key === 'Escape' && G.state.sel) { G.state.sel = ''; show(); save(); }
      });
    }

    G.tilesGone = function () { base.ground.setStyle({ fillOpacity: 1 }); refill(); };
    G.prepareMeasures(data);
    G.prepareFilters(points, data.pyramid.categories);
    G.preparePlaces(data.place);
    G.prepareStates(points, function (code) { G.state.lifecycle = G.state.lifecycle === code ? '' : code; changed(); });
    G.showSummary(base, function (area) { goTo(area); G.state.street = area.name; changed(); });
    G.pointLegend(points);
    G.emergingLegend(base.emergingRows);
    G.byId('emerging-label').style.display = base.emergingRows.length ? '' : 'none';
    G.drawLabels(base);
    if (data.cell_days) { G.byId('hot-text').textContent = G.say('show_hot_days', { days: data.cell_days }); }
    G.byId('hot-label').style.display = data.hot.cell.length ? '' : 'none';
    G.byId('rectified-label').style.display = nRectified ? '' : 'none';
    G.byId('rectified-key').appendChild(G.rectifiedGlyph());
    listen();
    load();
    if (canvas) { G.watchCells(map, canvas, cells); }
    G.toggles();
    G.printer(map, bounds);
    G.moved = false;
    document.documentElement.className += ' started';
  }
})(GeoHotspots);
