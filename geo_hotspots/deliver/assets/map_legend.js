/* The legend of what colours the ground: classes with their unit, and what is not coloured. */
(function (G) {
  'use strict';

  var FITS = 5; // characters under a sixth of the legend's width

  /* `cells` may be missing; it is asked only where the grid or the density is shown. */
  G.showLegend = function (base, cells) {
    var box = G.empty(G.byId('legend-fill')), fill = G.state.fill;
    if (fill === 'none') { return; }
    if (fill === 'cell' && cells) { gridLegend(box, cells, base.map); return; }
    if (fill === 'heat' && cells) { heatLegend(box, cells); return; }
    if (base.data[fill]) { areaLegend(box, base, fill, G.state.measure); }
  };

  function areaLegend(box, base, fill, measure) {
    var about = G.measures[measure], breaks = base.data[fill].breaks[measure], values = coloured(base[fill], measure);
    var whole = measure === 'n' || measure === 'n_points', foot = G.el('div', 'legend-foot');
    if (values.length) {
      G.add(box, !breaks.length ? swatches(about.ramp, breaks, 'swatches', function () { return spread(values, about); })
        : whole ? classes(about.ramp, breaks, 0) : ticks(about.ramp, breaks, measure === 'change_pct' ? '+' : ''));
    }
    if (base[fill].some(function (area) { return area[measure] === null; })) {
      G.add(foot, G.el('i', 'key-none'), G.el('span', 'key-word', G.say('no_data')));
    }
    if (base[fill].some(function (area) { return area.isFew(measure); })) {
      G.add(foot, G.el('i', 'key-few'), G.el('span', 'key-word', G.say('too_few', { n: base.data.min_base })));
    }
    G.add(box, G.add(foot, G.el('span', 'unit', G.say('unit', { unit: G.say(about.unit) }))));
    if (G.state.category || G.state.span) { G.add(box, G.el('p', 'legend-note', G.say('areas_unfiltered'))); }
  }

  function gridLegend(box, cells, map) {
    var level = cells.level(map), about = cells.about(level), layer = cells.layer;
    var some = about.counts.some(function (n) { return n >= about.least; });
    if (some) {
      G.add(box, about.breaks.length ? classes('cell', about.breaks, about.least)
        : swatches('cell', about.breaks, 'swatches', function () { return G.number(leastOf(about.counts, about.least)); }));
    }
    G.add(box, G.add(G.el('div', 'legend-foot'), G.el('span', 'unit', G.say('unit_cell', { wide: G.metres(cells.pyramid.width(level)) }))));
    G.add(box, notes(cells, about.span));
    if (level === cells.pyramid.bottom && layer.least > 1) {
      G.add(box, G.el('p', 'legend-note', G.say('cell_hidden', { n: layer.least, cases: G.number(layer.hidden) })));
    }
  }

  function heatLegend(box, cells) {
    var ramp = G.el('i', 'ramp'), ends = G.el('div', 'legend-foot');
    ramp.style.background = 'linear-gradient(to right,' + G.colours.heat.join(',') + ')';
    G.add(box, ramp, G.add(ends, G.el('span', '', 0), G.el('span', 'unit', G.number(cells.heatTop || 0) + ' ' + G.say('unit_heat'))), notes(cells, cells.span()));
  }

  function notes(cells, span) {
    var chosen = G.state.category, index = cells.category(), name = cells.layer.categories[index];
    var note = G.el('p', 'legend-note', G.spanWords(cells.layer, span));
    if (chosen && index >= 0) { note.appendChild(document.createTextNode(' · ' + G.say('only_category', { name: name || G.say('others') }))); }
    return note;
  }

  function swatches(ramp, breaks, className, label) {
    var row = G.el('div', className);
    for (var i = 0; i <= breaks.length; i++) {
      var item = G.el('div', 'swatch'), chip = G.el('i');
      chip.style.background = G.shade(ramp, i, breaks);
      G.add(row, G.add(item, chip, G.el('span', '', label(i))));
    }
    return row;
  }

  function leastOf(counts, least) {
    return counts.reduce(function (low, n) { return n >= least && n < low ? n : low; }, Infinity);
  }

  // The values that a colour stands for: neither unknown nor resting on too few cases.
  function coloured(rows, measure) {
    return rows.filter(function (row) { return row[measure] !== null && !row.isFew(measure); }).map(function (row) { return row[measure]; });
  }

  // Values too alike for classes: what they run from and to.
  function spread(values, about) {
    var low = about.show(Math.min.apply(null, values)), high = about.show(Math.max.apply(null, values));
    return low === high ? low : low + ' – ' + high;
  }

  // Counts: the whole numbers of the class.
  function classLabel(i, breaks, least) {
    if (i === breaks.length) { return '≥ ' + G.number(breaks[i - 1]); }
    var low = i ? breaks[i - 1] : least, top = Math.ceil(breaks[i]) - 1;
    return top <= low ? G.number(top) : G.number(low) + '–' + G.number(top);
  }

  // Counts by class; where the words are wider than their colours, by the number that the next class begins with.
  function classes(ramp, breaks, least) {
    for (var i = 0; i <= breaks.length; i++) {
      if (classLabel(i, breaks, least).length > FITS) { return ticks(ramp, breaks.map(Math.ceil), ''); }
    }
    return swatches(ramp, breaks, 'swatches', function (i) { return classLabel(i, breaks, least); });
  }

  // Rates, changes and large counts: the value at the border to the next class.
  function ticks(ramp, breaks, plus) {
    return swatches(ramp, breaks, 'swatches ticks', function (i) {
      return i === breaks.length ? '' : (breaks[i] > 0 ? plus : '') + G.number(breaks[i]);
    });
  }
})(GeoHotspots);
