/* Hot cells, each in the line of its class, and what a place of the grid holds. */
(function (G) {
  'use strict';
  var FIELDS = ['cell', 'n', 'n_callers', 'expected', 'qvalue', 'trend', 'community', 'shape'], NEAR_PX = 13;

  function look(trend) {
    var about = G.colours.hot[trend] || G.colours.hot.none;
    return { color: about.color, weight: about.weight, dashArray: about.dash || null, fillColor: about.color, fillOpacity: 0 };
  }

  /* Two resolutions: the finer one as soon as its cells are large enough to be outlined. */
  G.drawHot = function (base) {
    var renderer = base.hotRenderer = L.svg({ pane: 'hot', padding: 0.2 });
    base.hot = L.layerGroup();
    base.hotLevels = [base.data.hot_far, base.data.hot].map(function (layer) {
      var rows = G.rows(layer, FIELDS);
      return { rows: rows, high: heightOf(rows), group: L.layerGroup(rows.map(function (row) {
        var cell = L.polygon(G.shape(row.shape), L.extend({ renderer: renderer, fill: true, lineJoin: 'round', className: 'hot-cell' }, look(row.trend)));
        return cell.bindTooltip(function () { return hotTip(row); }, { sticky: true, opacity: 1, direction: 'top', offset: [0, -6] });
      })) };
    });
  };

  G.restyleHot = function (base) {
    var far = base.hotLevels[0], near = base.hotLevels[1];
    var isNear = !far.rows.length || near.high / G.metresPerPixel(base.map) >= NEAR_PX;
    base.hotRows = (isNear ? near : far).rows;
    base.hot.removeLayer((isNear ? far : near).group).addLayer((isNear ? near : far).group);
    G.hotLegend(base.hotRows);
  };

  // Height of a cell in metres.
  function heightOf(rows) {
    if (!rows.length || !rows[0].shape.length) { return 350; }
    var lats = G.ring(rows[0].shape[0][0]).map(function (at) { return at[0]; });
    return (Math.max.apply(null, lats) - Math.min.apply(null, lats)) * 111195;
  }

  function hotTip(row) {
    var tip = G.el('div', 'tip'), f = G.words.field;
    G.add(tip, G.el('b', '', (row.community || row.cell) + ' · ' + G.say('hot_cell')));
    G.add(tip, G.el('span', '', f.n + ' ' + G.number(row.n) + ' · ' + f.n_callers + ' ' + G.number(row.n_callers)));
    if (row.expected !== null) { G.add(tip, G.el('span', '', f.expected + ' ' + G.number(row.expected))); }
    if (row.trend) { G.add(tip, G.el('span', '', f.trend + ' ' + G.name('trend', row.trend))); }
    return tip;
  }

  G.hotLegend = function (rows) {
    var box = G.empty(G.byId('legend-hot')), seen = {};
    rows.forEach(function (row) { seen[row.trend] = (seen[row.trend] || 0) + 1; });
    Object.keys(G.colours.hot).forEach(function (trend) {
      if (!seen[trend]) { return; }
      var about = G.colours.hot[trend], svg = G.svg('svg', { width: 18, height: 14, 'class': 'glyph', 'aria-hidden': 'true' });
      svg.appendChild(G.svg('path', { d: 'M5.5,1.5h7l3.5,5.5l-3.5,5.5h-7l-3.5,-5.5z', fill: 'none', stroke: about.color, 'stroke-width': about.weight * 0.8, 'stroke-dasharray': about.dash || 'none' }));
      G.add(box, G.add(G.el('span', 'key'), svg, G.el('span', '', G.name('trend', trend) + ' ' + seen[trend])));
    });
  };

  /* A tooltip and a card for the cell under the pointer, where the grid is shown. */
  G.watchCells = function (map, canvas, cells) {
    var tip = L.tooltip({ direction: 'top', opacity: 1, offset: [0, -6], className: 'cell-tip' }), shown = null;

    function found(event) {
      var target = event.originalEvent && event.originalEvent.target;
      if (G.state.fill !== 'cell' || (target && target.classList && target.classList.contains('leaflet-interactive'))) { return null; }
      return canvas.at(event.layerPoint);
    }

    function hide() { if (shown) { map.removeLayer(tip); shown = null; } }

    map.on('mousemove', function (event) {
      var cell = found(event);
      if (!cell) { hide(); return; }
      tip.setLatLng(event.latlng);
      if (!shown || shown.i !== cell.i || shown.level !== cell.level) { tip.setContent(cellTip(cell, cells)); }
      if (!shown) { tip.addTo(map); }
      shown = cell;
    });
    map.on('mouseout movestart', hide);
    map.on('click', function (event) {
      var cell = found(event);
      if (cell) { hide(); L.popup({ maxWidth: 280, autoPanPadding: [24, 24] }).setLatLng(event.latlng).setContent(cellCard(cell, cells)).openOn(map); }
    });
  };

  function cellTip(cell, cells) {
    return G.add(G.el('div', 'tip'), G.el('b', '', G.number(cell.n) + ' ' + G.say('unit_n')), G.el('span', '', G.spanWords(cells.layer, cells.span())));
  }

  function cellCard(cell, cells) {
    var card = G.el('div', 'area-card'), table = G.el('table'), layer = cells.layer, least = cell.level === cells.pyramid.bottom ? layer.least : 1;
    G.add(card, G.el('h3', '', G.number(cell.n) + ' ' + G.say('unit_n')), G.el('p', 'muted', G.spanWords(layer, cells.span())));
    layer.categories.map(function (name, c) { return [name || G.say('others'), cells.pyramid.counts(cell.level, c, cells.span())[cell.i]]; })
      .filter(function (pair) { return pair[1] >= least; }).sort(function (a, b) { return b[1] - a[1]; }).forEach(function (pair) {
        G.add(table, G.add(G.el('tr'), G.el('th', '', pair[0]), G.el('td', '', G.number(pair[1]))));
      });
    return G.add(card, table, G.el('p', 'muted code', cells.pyramid.name(cell.level, cell.i)));
  }
})(GeoHotspots);
