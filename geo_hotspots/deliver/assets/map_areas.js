/* The base map: communities, streets, cells, their colours, legend and labels. */
(function (G) {
  'use strict';
  var HATCH = 'url(#no-data)', DOTS = 'url(#too-few)';
  // Where a label may move to, in pixels from the middle of its area.
  var SHIFTS = [[0, 0], [0, -14], [0, 14], [0, -26], [0, 26], [-18, 0], [18, 0], [-18, -20], [18, -20], [-18, 20],
    [18, 20], [0, -38], [0, 38], [-34, 0], [34, 0], [0, -54], [0, 54], [-34, -34], [34, -34], [-34, 34], [34, 34]];
  var AREA_FIELDS = ['name', 'code', 'street', 'shape', 'label', 'n_responded_asked', 'n_resolved_asked',
    'n_satisfied_asked'].concat(G.measureOrder);

  G.drawBase = function (map, data) {
    [['areas', 300], ['cells', 320], ['lines', 400], ['hot', 410], ['points', 500], ['labels', 505], ['ranks', 510]]
      .forEach(function (pane) { map.createPane(pane[0]).style.zIndex = pane[1]; });
    ['lines', 'hot', 'labels', 'ranks'].forEach(function (name) { map.getPane(name).style.pointerEvents = 'none'; });

    var base = { map: map, data: data, layers: {}, cellRows: null };
    var still = L.svg({ pane: 'lines', padding: 0.5 });
    base.areaRenderer = L.svg({ pane: 'areas', padding: 0.5 });
    L.polygon(G.shape(data.outline), {
      renderer: base.areaRenderer, interactive: false, stroke: false, fillColor: '#fff', fillOpacity: 1
    }).addTo(map);
    hatch(base.areaRenderer);
    ['community', 'street'].forEach(function (level) {
      base[level] = G.rows(data[level], AREA_FIELDS);
      base[level].forEach(function (row, i) {
        row.isFew = function (measure) { var few = data[level].few[measure]; return !!few && few[i]; };
      });
    });
    line(base.community, still, { color: '#8b9aa9', weight: 0.6, opacity: 0.75 }).addTo(map);
    // A pale road with a dark edge can be seen on any colour.
    [{ color: '#a3afba', weight: 3.4 }, { color: '#fff', weight: 2 }].forEach(function (style) {
      data.roads.forEach(function (road) {
        L.polyline(G.ring(road), L.extend({ renderer: still, interactive: false }, style)).addTo(map);
      });
    });
    line(base.street, still, { color: '#4a5b6c', weight: 1.3, opacity: 0.9 }).addTo(map);
    base.outline = L.polygon(G.shape(data.outline), {
      renderer: still, interactive: false, fill: false, color: '#2b3d4f', weight: 2.4, lineJoin: 'round'
    }).addTo(map);
    base.hot = L.polygon(G.shape(data.cell.hot), {
      renderer: L.svg({ pane: 'hot', padding: 0.5 }), interactive: false, color: G.colours.ink, weight: 1.8,
      fill: true, fillColor: G.colours.ink, fillOpacity: 0, lineJoin: 'round'
    });
    return base;
  };

  /* Lines as strong as the ground they stand on is large: hundreds of hot cells, each a few pixels
     wide, are shaded; only from near are they outlines. */
  G.restyle = function (base) {
    var map = base.map, metres = metresPerPixel(map), wide = cellSize(base.data.cell) / metres;
    base.outline.setStyle({ weight: metres > 60 ? 1.1 : metres > 30 ? 1.7 : 2.4 });
    base.hot.setStyle({ weight: wide < 9 ? 0.6 : wide < 22 ? 1.3 : 1.8, fillOpacity: wide < 9 ? 0.72 : 0 });
    if (base.layers.cell) {
      base.layers.cell.eachLayer(function (layer) {
        layer.setStyle(wide < 9 ? { weight: 1, color: layer.options.fillColor } : { weight: 0.5, color: '#fff' });
      });
    }
  };

  function metresPerPixel(map) {
    return 40075016 * Math.cos(map.getCenter().lat * Math.PI / 180) / Math.pow(2, map.getZoom() + 8);
  }

  // Height of a cell in metres.
  function cellSize(cell) {
    if (!cell.shape.length || !cell.shape[0].length) { return 350; }
    var lats = G.ring(cell.shape[0][0][0]).map(function (at) { return at[0]; });
    return (Math.max.apply(null, lats) - Math.min.apply(null, lats)) * 111195;
  }

  function line(rows, renderer, style) {
    return L.layerGroup(rows.map(function (row) {
      return L.polygon(G.shape(row.shape), L.extend({ renderer: renderer, interactive: false, fill: false, lineJoin: 'round' }, style));
    }));
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
    return { fillColor: G.shade(about.ramp, G.classOf(value * about.scale, breaks), breaks), fillOpacity: 1 };
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

  function cellLayer(base) {
    var cell = base.data.cell, canvas = L.canvas({ pane: 'cells', padding: 0.3 });
    return L.layerGroup(cell.shape.map(function (shape, i) {
      var layer = L.polygon(G.shape(shape), {
        renderer: canvas, color: '#fff', weight: 0.5, fillOpacity: 1,
        fillColor: G.shade('cell', G.classOf(cell.n[i], cell.breaks), cell.breaks)
      });
      layer.bindTooltip(function () { return cellTip(cell, i); }, { sticky: true, opacity: 1, direction: 'top', offset: [0, -6] });
      return layer;
    }));
  }

  function cellTip(cell, i) {
    var tip = G.el('div', 'tip'), f = G.words.field;
    G.add(tip, G.el('b', '', (cell.community[i] || cell.cell[i]) + (cell.is_hot[i] ? ' · ' + G.say('hot_cell') : '')));
    G.add(tip, G.el('span', '', f.n + ' ' + G.number(cell.n[i]) + ' · ' + f.n_callers + ' ' + G.number(cell.n_callers[i])));
    if (cell.expected[i] !== null) { G.add(tip, G.el('span', '', f.expected + ' ' + G.number(cell.expected[i]))); }
    if (cell.trend[i]) { G.add(tip, G.el('span', '', f.trend + ' ' + G.name('trend', cell.trend[i]))); }
    return tip;
  }

  /* Show one fill (community, street, cell or none) in the colours of one measure. */
  G.showFill = function (base, pick) {
    var fill = G.state.fill, measure = G.state.measure, map = base.map;
    ['community', 'street', 'cell'].forEach(function (name) {
      if (name !== fill && base.layers[name]) { map.removeLayer(base.layers[name]); }
    });
    map.getPane('cells').style.display = fill === 'cell' ? '' : 'none';
    if (fill !== 'none') {
      if (!base.layers[fill]) { base.layers[fill] = fill === 'cell' ? cellLayer(base) : areaLayer(base, fill, pick); }
      base.layers[fill].addTo(map);
      if (fill !== 'cell') {
        base[fill].forEach(function (row) { row.layer.setStyle(areaStyle(row, measure, base.data[fill].breaks[measure])); });
      }
    }
    map[G.state.hot ? 'addLayer' : 'removeLayer'](base.hot);
    G.restyle(base);
    legend(base, fill, measure);
  };

  function legend(base, fill, measure) {
    var box = G.empty(G.byId('legend-fill')), isCell = fill === 'cell';
    if (fill === 'none') { return; }
    var about = isCell ? { ramp: 'cell' } : G.measures[measure];
    var breaks = isCell ? base.data.cell.breaks : base.data[fill].breaks[measure];
    var whole = isCell || measure === 'n' || measure === 'n_points';
    var row = G.el('div', whole || !breaks.length ? 'swatches' : 'swatches ticks'), steps = breaks.length + 1;
    var values = isCell ? base.data.cell.n : coloured(base[fill], measure);
    var least = isCell ? base.data.min_cell_cases : 0;
    for (var i = 0; i < steps; i++) {
      var item = G.el('div', 'swatch'), chip = G.el('i');
      chip.style.background = G.shade(about.ramp, i, breaks);
      G.add(row, G.add(item, chip, G.el('span', '', !breaks.length ? spread(values, about) : whole ? classLabel(i, breaks, least) : tickLabel(i, breaks, measure))));
    }
    G.add(box, row);
    var days = base.data.cell_days;
    var unit = isCell ? G.say(days ? 'cell_note_days' : 'cell_note', { n: least, days: days }) : G.say('unit', { unit: G.say(about.unit) });
    var few = !isCell && base[fill].some(function (area) { return area.isFew(measure); });
    var missing = !isCell && base[fill].some(function (area) { return area[measure] === null; });
    var foot = G.el('div', 'legend-foot');
    if (!values.length) { row.style.display = 'none'; }
    if (missing) { G.add(foot, G.el('i', 'key-none'), G.el('span', 'key-word', G.say('no_data'))); }
    if (few) { G.add(foot, G.el('i', 'key-few'), G.el('span', 'key-word', G.say('too_few', { n: base.data.min_base }))); }
    G.add(box, G.add(foot, G.el('span', 'unit', unit)));
  }

  // The values that a colour stands for: neither unknown nor resting on too few cases.
  function coloured(rows, measure) {
    return rows.filter(function (row) { return row[measure] !== null && !row.isFew(measure); }).map(function (row) { return row[measure]; });
  }

  // Values too alike for classes: what they run from and to.
  function spread(values, about) {
    var show = about.show || G.number, low = show(Math.min.apply(null, values)), high = show(Math.max.apply(null, values));
    return low === high ? low : low + ' – ' + high;
  }

  // Counts: the whole numbers of the class.
  function classLabel(i, breaks, least) {
    if (i === breaks.length) { return '≥ ' + G.number(breaks[i - 1]); }
    var low = i ? breaks[i - 1] : least, top = Math.ceil(breaks[i]) - 1;
    return top <= low ? G.number(top) : G.number(low) + '–' + G.number(top);
  }

  // Rates and changes: the value at the border to the next class.
  function tickLabel(i, breaks, measure) {
    if (i === breaks.length) { return ''; }
    return (measure === 'change_pct' && breaks[i] > 0 ? '+' : '') + G.number(breaks[i]);
  }

  /* Labels: streets first, then communities that have room; none over another. */
  G.drawLabels = function (base) {
    var map = base.map, ruler = document.createElement('canvas').getContext('2d'), all = [];
    function prepare(rows, kind, size) {
      ruler.font = (kind === 'street' ? '600 ' : '') + size + 'px "Microsoft YaHei","Noto Sans CJK SC",sans-serif';
      rows.slice().sort(function (a, b) { return b.n - a.n; }).forEach(function (row) {
        if (!row.label || !row.name) { return; }
        var text = kind === 'street' ? row.name.replace(/(街道|地区)$/, '') : row.name.replace(/(社区|居委会)$/, '');
        var marker = L.marker([row.label[0], row.label[1]], {
          pane: 'labels', interactive: false, keyboard: false,
          icon: L.divIcon({ className: 'label label-' + kind, html: G.el('span', '', text), iconSize: [0, 0] })
        });
        all.push({ kind: kind, marker: marker, radius: row.label[2], width: ruler.measureText(text).width, height: size });
      });
    }
    prepare(base.street, 'street', G.isNarrow() ? 12 : 14);
    prepare(base.community, 'community', 12);
    base.placeLabels = function () {
      var taken = [], size = map.getSize();
      var metres = metresPerPixel(map);
      var dots = base.dots ? base.dots() : [];
      all.forEach(function (label) {
        var at = map.latLngToContainerPoint(label.marker.getLatLng()), radius = label.radius / metres;
        var near = at.x > -200 && at.x < size.x + 200 && at.y > -200 && at.y < size.y + 200;
        var room = 2 * radius > label.width * (label.kind === 'street' ? 0.55 : 0.85);
        var shift = near && room ? bestShift(label, at, radius, taken, dots) : null;
        if (!shift) { label.marker.remove(); return; }
        taken.push(boxOf(label, at, shift));
        label.marker.addTo(map);
        var text = label.marker.getElement().firstChild;
        text.style.left = shift[0] + 'px';
        text.style.top = shift[1] + 'px';
      });
    };

    function boxOf(label, at, shift) {
      var x = at.x + shift[0], y = at.y + shift[1];
      return [x - label.width / 2 - 4, y - label.height / 2 - 3, x + label.width / 2 + 4, y + label.height / 2 + 3];
    }

    // The place inside the area that covers the fewest points; never one over another label.
    function bestShift(label, at, radius, taken, dots) {
      var best = null, least = Infinity, reach = Math.min(1, 0.62 * radius / 40);
      SHIFTS.forEach(function (unit) {
        var shift = [Math.round(unit[0] * reach), Math.round(unit[1] * reach)], box = boxOf(label, at, shift);
        if (taken.some(function (other) { return meets(box, other); })) { return; }
        var cost = Math.abs(unit[0]) / 400 + Math.abs(unit[1]) / 400;
        dots.forEach(function (dot) { if (meets(box, dot)) { cost += dot[4]; } });
        if (cost < least) { least = cost; best = shift; }
      });
      // A community gives way to the points on it, a street to the ranks alone.
      return least >= (label.kind === 'community' ? 1 : 10) ? null : best;
    }

    function meets(a, b) { return a[0] < b[2] && b[0] < a[2] && a[1] < b[3] && b[1] < a[3]; }

    map.on('zoomend moveend resize', base.placeLabels);
  };
})(GeoHotspots);
