/* The base map: outline, roads, and communities and streets in the colours of a measure. */
(function (G) {
  'use strict';
  var HATCH = 'url(#no-data)', DOTS = 'url(#too-few)';
  var AREA_FIELDS = ['name', 'code', 'street', 'shape', 'label', 'n_responded_asked', 'n_resolved_asked',
    'n_satisfied_asked'].concat(G.measureOrder);

  G.drawBase = function (map, data) {
    [['areas', 300], ['cells', 320], ['lines', 400], ['hot', 410], ['points', 500], ['labels', 505], ['ranks', 510]]
      .forEach(function (pane) { map.createPane(pane[0]).style.zIndex = pane[1]; });
    ['lines', 'labels', 'ranks'].forEach(function (name) { map.getPane(name).style.pointerEvents = 'none'; });

    var base = { map: map, data: data, layers: {} };
    var still = L.svg({ pane: 'lines', padding: 0.2 });
    base.areaRenderer = L.svg({ pane: 'areas', padding: 0.2 });
    base.ground = L.polygon(G.shape(data.outline), {
      renderer: base.areaRenderer, interactive: false, stroke: false, fillColor: '#fff', fillOpacity: G.overTiles ? 0.25 : 1
    }).addTo(map);
    hatch(base.areaRenderer);
    ['community', 'street'].forEach(function (level) {
      base[level] = G.rows(data[level], AREA_FIELDS);
      base[level].forEach(function (row, i) {
        row.isFew = function (measure) { var few = data[level].few[measure]; return !!few && few[i]; };
      });
    });
    line(base.community, still, { color: '#8b9aa9', weight: 0.6, opacity: 0.75 }).addTo(map);
    drawRoads(map, data.roads, still);
    line(base.street, still, { color: '#4a5b6c', weight: 1.3, opacity: 0.9 }).addTo(map);
    base.outline = L.polygon(G.shape(data.outline), {
      renderer: still, interactive: false, fill: false, color: '#2b3d4f', weight: 2.4, lineJoin: 'round'
    }).addTo(map);
    G.drawHot(base);
    G.drawEmerging(base);
    return base;
  };

  // A pale road with a dark edge can be seen on any colour.
  function drawRoads(map, roads, renderer) {
    [['lesser', '#b4bec8', 2], ['lesser', '#fff', 1.1], ['main', '#98a5b1', 3.6], ['main', '#fff', 2.2]].forEach(function (look) {
      L.polyline(roads[look[0]].map(G.ring), { renderer: renderer, interactive: false, color: look[1], weight: look[2] }).addTo(map);
    });
  }

  /* Lines as strong as the ground they stand on is large. */
  G.restyle = function (base) {
    var metres = G.metresPerPixel(base.map);
    base.outline.setStyle({ weight: metres > 60 ? 1.1 : metres > 30 ? 1.7 : 2.4 });
    G.restyleHot(base);
    G.restyleEmerging(base);
  };

  // All borders of a level are one path.
  function line(rows, renderer, style) {
    var shapes = rows.reduce(function (all, row) { return all.concat(G.shape(row.shape)); }, []);
    return L.polygon(shapes, L.extend({ renderer: renderer, interactive: false, fill: false, lineJoin: 'round' }, style));
  }

  function hatch(renderer) {
    var pattern = G.svg('pattern', { id: 'no-data', width: 7, height: 7, patternUnits: 'userSpaceOnUse', patternTransform: 'rotate(45)' });
    pattern.appendChild(G.svg('rect', { width: 7, height: 7, fill: '#f5f6f7' }));
    pattern.appendChild(G.svg('rect', { width: 1.4, height: 7, fill: '#c3cad1' }));
    var dots = G.svg('pattern', { id: 'too-few', width: 7, height: 7, patternUnits: 'userSpaceOnUse' });
    dots.appendChild(G.svg('rect', { width: 7, height: 7, fill: '#fcfcfc' }));
    dots.appendChild(G.svg('circle', { cx: 3.5, cy: 3.5, r: 0.9, fill: '#b5bec7' }));
    var defs = renderer._container.appendChild(G.svg('defs', {}));
    defs.appendChild(pattern);
    defs.appendChild(dots);
  }

  function areaStyle(row, measure, breaks) {
    var value = row[measure];
    if (value === null) { return { fillColor: HATCH, fillOpacity: 1 }; }
    if (row.isFew(measure)) { return { fillColor: DOTS, fillOpacity: 1 }; }
    var about = G.measures[measure];
    return { fillColor: G.shade(about.ramp, G.classOf(value * about.scale, breaks), breaks), fillOpacity: G.overTiles ? 0.62 : 1 };
  }

  function areaLayer(base, level, pick) {
    return L.layerGroup(base[level].map(function (row) {
      row.layer = L.polygon(G.shape(row.shape), { renderer: base.areaRenderer, stroke: false, className: 'area' });
      row.layer.bindTooltip(function () { return areaTip(row, G.state.measure); }, { sticky: true, opacity: 1, direction: 'top', offset: [0, -6] });
      row.layer.bindPopup(function () { return areaCard(row, level, pick); }, { maxWidth: 280, autoPanPadding: [24, 24] });
      row.layer.on('mouseover', function () { row.layer.setStyle({ stroke: true, color: '#17324d', weight: 3 }); row.layer.bringToFront(); });
      row.layer.on('mouseout', function () { row.layer.setStyle({ stroke: false }); });
      return row.layer;
    }));
  }

  function areaTip(row, measure) {
    var tip = G.el('div', 'tip');
    G.add(tip, G.el('b', '', row.name));
    G.add(tip, G.el('span', '', G.words.field[measure] + ' ' + G.measures[measure].show(row[measure])));
    return tip;
  }

  function areaCard(row, level, pick) {
    var card = G.el('div', 'area-card'), table = G.el('table');
    G.add(card, G.el('h3', '', row.name));
    if (level === 'community' && row.street) { G.add(card, G.el('p', 'muted', row.street)); }
    G.measureOrder.forEach(function (measure) {
      var about = G.measures[measure], line = G.el('tr');
      G.add(line, G.el('th', '', G.words.field[measure]), G.el('td', '', about.show(row[measure])));
      G.add(line, G.el('td', 'muted', about.asked ? G.say('asked', { n: G.number(row[about.asked]) }) : ''));
      G.add(table, line);
    });
    var only = G.el('button', 'quiet', G.say('only_here'));
    only.type = 'button';
    only.onclick = function () { pick(row.street || row.name); };
    return G.add(card, table, only);
  }

  /* Show one fill: communities or streets in the colours of a measure, grid, density, or nothing. */
  G.showFill = function (base, canvas, pick) {
    var fill = G.state.fill, map = base.map, isGrid = fill === 'cell' || fill === 'heat';
    ['community', 'street'].forEach(function (name) {
      if (name !== fill && base.layers[name]) { map.removeLayer(base.layers[name]); }
    });
    if (canvas) { map[isGrid ? 'addLayer' : 'removeLayer'](canvas); }
    if (base[fill]) {
      if (!base.layers[fill]) { base.layers[fill] = areaLayer(base, fill, pick); }
      base.layers[fill].addTo(map);
      base[fill].forEach(function (row) { row.layer.setStyle(areaStyle(row, G.state.measure, base.data[fill].breaks[G.state.measure])); });
    }
    map[G.state.hot ? 'addLayer' : 'removeLayer'](base.hot);
    map[G.state.emerging ? 'addLayer' : 'removeLayer'](base.emerging);
    G.restyle(base);
  };
})(GeoHotspots);
