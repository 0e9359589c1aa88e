/* What the other map scripts share. ES5 only: offices run browsers of 2018. */
var GeoHotspots = {};
(function (G) {
  'use strict';

  // Without these the page stays the plain table that it is before any script runs.
  G.able = !!(window.L && window.JSON && window.CSS && CSS.supports && CSS.supports('position', 'sticky'));
  if (G.able) { document.documentElement.className += ' ready'; }

  G.colours = {
    zero: '#f8fafb',
    cell: ['#d3e2ef', '#aecbe2', '#7fadd0', '#4d86b4', '#2b608d'],
    heat: ['#fff4d6', '#fdd28a', '#f59b4c', '#d9572b', '#8c1c2b'],
    // Classes of hot cells: what grows is red, what stays is dark, what goes is dashed.
    hot: {
      new_hot: { color: '#b3122a', weight: 2.6 }, intensifying_hot: { color: '#b3122a', weight: 2.2 },
      consecutive_hot: { color: '#b3122a', weight: 1.6 }, persistent_hot: { color: '#17212b', weight: 2.4 },
      oscillating_hot: { color: '#17212b', weight: 1.5 }, sporadic_hot: { color: '#17212b', weight: 1.1 },
      diminishing_hot: { color: '#17212b', weight: 1.6, dash: '4 3' }, historical_hot: { color: '#17212b', weight: 1.2, dash: '2 3' },
      none: { color: '#6b7885', weight: 1.3 }
    },
    emerging: { alarm: '#b3122a', watch: '#b8860b' },
    count: ['#e1ecf5', '#cadcea', '#9dc0da', '#669bc2', '#3a729f'],
    rate: ['#edf4ee', '#cfe3d3', '#a1c9ae', '#6ba685', '#3c7d5e'],
    change: ['#2f8580', '#9fcdc6', '#f0efe9', '#e6c08d', '#b9722c'],
    none: '#e9ebee',
    ink: '#17212b',
    lifecycle: {
      rebounding: '#c62828', intensifying: '#e8710a', 'new': '#f4b400', persistent: '#6a3d9a',
      sporadic: '#c2619c', diminishing: '#12876f', quiet: '#87919b', insufficient: '#c9cfd5'
    }
  };
  G.darkText = { 'new': true, insufficient: true };

  G.byId = function (id) { return document.getElementById(id); };

  // Text goes in as text, always: a name may be anything that a citizen typed.
  G.el = function (tag, className, text) {
    var node = document.createElement(tag);
    if (className) { node.className = className; }
    if (text !== undefined && text !== null) { node.appendChild(document.createTextNode(String(text))); }
    return node;
  };

  G.add = function (parent) {
    for (var i = 1; i < arguments.length; i++) { if (arguments[i]) { parent.appendChild(arguments[i]); } }
    return parent;
  };

  G.empty = function (node) { while (node.firstChild) { node.removeChild(node.firstChild); } return node; };

  G.svg = function (tag, attributes) {
    var node = document.createElementNS('http://www.w3.org/2000/svg', tag);
    for (var key in attributes) { node.setAttribute(key, attributes[key]); }
    return node;
  };

  G.say = function (key, values) {
    return G.words.page[key].replace(/\{(\w+)\}/g, function (whole, name) {
      return values && name in values ? values[name] : whole;
    });
  };

  // A code that is not in the contract is shown as it is.
  G.name = function (group, code) {
    var words = G.words[group];
    return Object.prototype.hasOwnProperty.call(words, code) ? words[code] : code;
  };

  G.category = function (text) { return (text || '').replace(/->/g, ' › '); };

  G.number = function (value) {
    if (value === null || value === undefined) { return '–'; }
    if (value > 0 && value < 0.1) { return '< 0.1'; }
    var rounded = Math.abs(value) >= 100 || value % 1 === 0 ? Math.round(value) : Math.round(value * 10) / 10;
    return String(rounded).replace('-', '−').replace(/\B(?=(\d{3})+(?!\d))/g, ',');
  };

  G.signed = function (value) {
    return value === null ? '–' : (value > 0 ? '+' : '') + G.number(value) + '%';
  };

  G.percent = function (value) {
    return value === null ? '–' : (Math.round(value * 1000) / 10).toFixed(1) + '%';
  };

  G.metres = function (value) {
    return value < 950 ? G.number(Math.round(value / 10) * 10) + ' ' + G.say('m') : G.number(value / 1000) + ' ' + G.say('km');
  };

  // How each measure of an area is read, coloured and written.
  G.measures = {
    n: { ramp: 'count', unit: 'unit_period', scale: 1, show: G.number },
    n_points: { ramp: 'count', unit: 'unit_n_points', scale: 1, show: G.number },
    change_pct: { ramp: 'change', unit: 'unit_pct', scale: 1, show: G.signed },
    responded_rate: { ramp: 'rate', unit: 'unit_pct', scale: 100, show: G.percent, asked: 'n_responded_asked' },
    resolved_rate: { ramp: 'rate', unit: 'unit_pct', scale: 100, show: G.percent, asked: 'n_resolved_asked' },
    satisfied_rate: { ramp: 'rate', unit: 'unit_pct', scale: 100, show: G.percent, asked: 'n_satisfied_asked' }
  };
  G.measureOrder = ['n', 'n_points', 'change_pct', 'responded_rate', 'resolved_rate', 'satisfied_rate'];

  G.classOf = function (value, breaks) {
    var at = 0;
    while (at < breaks.length && value >= breaks[at]) { at++; }
    return at;
  };

  // Fewer classes than colours: spread over the ramp, so that the top is always the darkest.
  G.shade = function (ramp, at, breaks) {
    var colours = G.colours[ramp];
    // A class below one is the class of nothing, and stays as good as white.
    if (ramp === 'count' && breaks[0] === 1) {
      return at === 0 ? G.colours.zero : G.shade(ramp, at - 1, breaks.slice(1));
    }
    if (!breaks.length) { return colours[1]; }
    return colours[Math.round(at * (colours.length - 1) / breaks.length)];
  };

  // Rings hold steps in hundred thousandths of a degree, longitude first.
  G.ring = function (steps) {
    var out = [], lng = 0, lat = 0;
    for (var i = 0; i < steps.length; i += 2) {
      lng += steps[i];
      lat += steps[i + 1];
      out.push([lat / 1e5, lng / 1e5]);
    }
    return out;
  };

  G.shape = function (polygons) {
    return polygons.map(function (rings) { return rings.map(G.ring); });
  };

  // A layer comes as columns; rows are easier to hand around.
  G.rows = function (layer, fields) {
    return layer[fields[0]].map(function (_, i) {
      var row = { i: i };
      fields.forEach(function (field) { if (layer[field]) { row[field] = layer[field][i]; } });
      return row;
    });
  };

  G.isNarrow = function () { return window.innerWidth < 860; };
})(GeoHotspots);
