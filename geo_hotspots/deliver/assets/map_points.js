/* Repeat points on the map: size by callers, colour by lifecycle, shape by kind. */
(function (G) {
  'use strict';
  var FIELDS = ['hotspot_id', 'rank', 'name', 'category', 'kind', 'lifecycle', 'n', 'n_callers', 'n_days', 'first_at',
    'last_at', 'expected', 'score', 'priority', 'days_since_rectified', 'rebounds', 'community', 'street', 'level',
    'uncertainty_m', 'reason', 'lng', 'lat', 'weeks', 'main', 'mix'];

  var SMALL = 3.2;

  // Symbols are smaller where the whole area is on a small screen, and grow as one comes near.
  G.scale = 1;
  G.setScale = function (zoom, whole) {
    G.scale = (G.isNarrow() ? 0.5 : 0.74) * Math.min(1.7, Math.max(1, 1 + 0.22 * (zoom - whole)));
  };

  G.radius = function (callers) { return G.scale * Math.min(19, 3.2 + 1.75 * Math.sqrt(Math.max(1, callers || 1))); };

  function radiusOf(row) { return isTop(row) ? Math.max(G.radius(row.n_callers), G.isNarrow() ? 7.5 : 9) : G.radius(row.n_callers); }

  function disc(x, y, r) {
    return 'M' + (x - r) + ',' + y + 'a' + r + ',' + r + ' 0 1,0 ' + 2 * r + ',0a' + r + ',' + r + ' 0 1,0 ' + -2 * r + ',0z';
  }

  /* group: a disc in a ring; repeat: a disc; single_caller: a diamond. */
  G.symbol = function (kind, x, y, r) {
    if (kind === 'single_caller') { return 'M' + x + ',' + (y - r) + 'l' + r + ',' + r + 'l' + -r + ',' + r + 'l' + -r + ',' + -r + 'z'; }
    if (kind === 'group') { return disc(x, y, r) + disc(x, y, r + 1.5) + disc(x, y, r + 3.2); }
    return disc(x, y, r);
  };

  G.symbolStyle = function (row) {
    return {
      fillColor: G.colours.lifecycle[row.lifecycle] || G.colours.lifecycle.insufficient,
      fillOpacity: !isTop(row) && (row.lifecycle === 'quiet' || row.lifecycle === 'insufficient') ? 0.62 : 0.95,
      color: '#fff', weight: 1, opacity: 1, fillRule: 'evenodd'
    };
  };

  G.Symbol = L.CircleMarker.extend({
    _updatePath: function () {
      var at = this._point, r = this._radius;
      this._renderer._setPath(this, this._empty() ? 'M0 0' : G.symbol(this.options.kind, at.x, at.y, r));
    }
  });

  G.readPoints = function (data) {
    var points = G.rows(data.point, FIELDS).sort(function (a, b) {
      return (a.rank === null ? 1e9 : a.rank) - (b.rank === null ? 1e9 : b.rank);
    });
    points.forEach(function (row) {
      row.key = [row.name, row.community, row.street, row.hotspot_id].join('\n').toLowerCase();
      row.isSingle = row.kind === 'single_caller';
    });
    return points;
  };

  G.drawPoints = function (map, points, pick) {
    var renderer = L.svg({ pane: 'points', padding: 0.2 });
    var drawn = { map: map, rows: [], group: L.layerGroup(), ranks: L.layerGroup(), halo: null };
    points.forEach(function (row) {
      row.layer = new G.Symbol([row.lat, row.lng], L.extend({
        renderer: renderer, radius: radiusOf(row), kind: row.kind, isTop: isTop(row), className: 'point'
      }, G.symbolStyle(row)));
      row.layer.bindTooltip(function () { return pointTip(row); }, { direction: 'top', opacity: 1, offset: [0, -8] });
      row.layer.on('click', function (event) { L.DomEvent.stopPropagation(event); pick(row, 'map'); });
    });
    drawn.halo = L.circleMarker([0, 0], { renderer: L.svg({ pane: 'ranks' }), interactive: false, fill: false, color: G.colours.ink, weight: 2.5 });
    return drawn;
  };

  function isTop(row) { return !row.isSingle && row.rank !== null && row.rank <= 10; }

  function pointTip(row) {
    var tip = G.el('div', 'tip');
    G.add(tip, G.el('b', '', (row.isSingle || row.rank === null ? '' : row.rank + '. ') + (row.name || row.hotspot_id)));
    G.add(tip, G.el('span', '', G.category(row.category)));
    G.add(tip, G.el('span', '', G.name('kind', row.kind) + ' · ' + G.name('lifecycle', row.lifecycle) + ' · '
      + G.number(row.n_callers) + ' ' + G.say('unit_callers') + ' · ' + G.number(row.n) + ' ' + G.say('unit_n')));
    return tip;
  }

  /* Show these rows; the first in rank are drawn last, so that they lie on top. */
  G.showPoints = function (drawn, rows) {
    drawn.rows = G.state.points ? rows : [];
    drawn.group.clearLayers();
    drawn.map[G.state.points ? 'addLayer' : 'removeLayer'](drawn.group);
    drawn.map[G.state.points ? 'addLayer' : 'removeLayer'](drawn.ranks);
    G.arrangePoints(drawn);
    for (var i = drawn.rows.length - 1; i >= 0; i--) { drawn.group.addLayer(rows[i].layer); }
  };

  /* No symbol hides another: what would lie on a point of better rank is a small dot until one comes nearer. */
  G.arrangePoints = function (drawn) {
    var placed = [];
    drawn.ranks.clearLayers();
    drawn.rows.forEach(function (row) {
      var at = drawn.map.latLngToLayerPoint([row.lat, row.lng]), r = radiusOf(row);
      var covered = placed.some(function (other) {
        var reach = (r + other.r) * 0.72, dx = at.x - other.x, dy = at.y - other.y;
        return dx * dx + dy * dy < reach * reach;
      });
      row.layer.options.kind = covered && row.kind === 'group' ? 'repeat' : row.kind;
      row.layer.setRadius(covered ? SMALL : r);
      if (covered) { return; }
      placed.push({ x: at.x, y: at.y, r: r });
      if (isTop(row)) { drawn.ranks.addLayer(rankMark(row)); }
    });
  };

  function rankMark(row) {
    return L.marker([row.lat, row.lng], {
      pane: 'ranks', interactive: false, keyboard: false,
      icon: L.divIcon({ className: 'rank-mark' + (G.darkText[row.lifecycle] ? ' dark' : ''), html: G.el('span', '', row.rank), iconSize: [0, 0] })
    });
  }

  /* The boxes that points take up on the screen, for labels to keep off. */
  G.dots = function (drawn) {
    var boxes = [];
    drawn.group.eachLayer(function (layer) {
      var at = drawn.map.latLngToContainerPoint(layer.getLatLng()), r = layer.getRadius();
      boxes.push([at.x - r, at.y - r, at.x + r, at.y + r, layer.options.isTop ? 4 : 1]);
    });
    return G.state.points ? boxes : [];
  };

  G.markPoint = function (drawn, row) {
    if (!row || !G.state.points) { drawn.map.removeLayer(drawn.halo); return; }
    var extra = row.kind === 'group' ? 7 : 4;
    drawn.halo.setLatLng([row.lat, row.lng]).setRadius(row.layer.getRadius() + extra).addTo(drawn.map);
  };

  G.pointLegend = function (points) {
    var box = G.empty(G.byId('legend-points')), seen = {}, kinds = {}, most = 0;
    points.forEach(function (row) {
      seen[row.lifecycle] = true;
      kinds[row.kind] = true;
      if (!row.isSingle) { most = Math.max(most, row.n_callers || 0); }
    });
    if (!points.length) { return; }
    G.add(box, G.el('p', 'legend-title', G.say('colour_legend')), keys(Object.keys(G.colours.lifecycle), seen, 'lifecycle'));
    G.add(box, G.el('p', 'legend-title', G.say('shape_legend')), keys(['group', 'repeat', 'single_caller'], kinds, 'kind'));
    if (most > 1) { G.add(box, G.el('p', 'legend-title', G.say(G.pointDays ? 'size_legend_days' : 'size_legend', { days: G.pointDays })), sizes(most), G.el('p', 'legend-note', G.say('small_dots'))); }
  };

  G.glyph = function (row, r) {
    var size = 2 * r + (row.kind === 'group' ? 9 : 3), style = G.symbolStyle(row);
    var svg = G.svg('svg', { width: size, height: size, 'class': 'glyph', 'aria-hidden': 'true' });
    svg.appendChild(G.svg('path', { d: G.symbol(row.kind, size / 2, size / 2, r), fill: style.fillColor, 'fill-rule': 'evenodd' }));
    return svg;
  };

  function keys(codes, seen, group) {
    var list = G.el('div', 'keys');
    codes.forEach(function (code) {
      if (!seen[code]) { return; }
      var row = group === 'kind' ? { kind: code, lifecycle: 'quiet' } : { kind: 'repeat', lifecycle: code };
      G.add(list, G.add(G.el('span', 'key'), G.glyph(row, group === 'kind' ? 4.5 : 5), G.el('span', '', G.name(group, code))));
    });
    return list;
  }

  function sizes(most) {
    var list = G.el('div', 'keys sizes');
    (most > 70 ? [3, 30, 100] : most > 35 ? [3, 15, 50] : most > 15 ? [3, 10, 30] : [3, 6, 10]).forEach(function (callers) {
      G.add(list, G.add(G.el('span', 'key'), G.glyph({ kind: 'repeat', lifecycle: 'quiet' }, G.radius(callers)), G.el('span', '', callers)));
    });
    return list;
  }
})(GeoHotspots);
