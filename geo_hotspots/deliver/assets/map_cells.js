/* The grid on a canvas: hexagons in classes, or a smooth density. Redrawn when the map comes to rest. */
(function (G) {
  'use strict';
  var LEAST_PX = 11, EARTH = 40075016;
  // The density: nodes this many pixels apart, and how far a cell reaches in metres and, at least, pixels.
  var NODE = 4, REACH_M = 400, REACH_PX = 22;

  G.metresPerPixel = function (map, zoom) {
    return EARTH * Math.cos(map.getCenter().lat * Math.PI / 180) / Math.pow(2, (zoom === undefined ? map.getZoom() : zoom) + 8);
  };

  G.CellCanvas = L.Renderer.extend({
    options: { padding: 0.15, pane: 'cells' },

    initialize: function (pyramid, cells) {
      L.Renderer.prototype.initialize.call(this);
      this._pyramid = pyramid;
      this._cells = cells;
      this._drawn = [];
    },
    _initContainer: function () { this._container = document.createElement('canvas'); },
    _destroyContainer: function () { L.DomUtil.remove(this._container); delete this._container; },
    redraw: function () { if (this._map) { this._update(); } },

    _update: function () {
      if (this._map._animatingZoom && this._bounds) { return; }
      L.Renderer.prototype._update.call(this);
      var size = this._bounds.getSize(), sharp = L.Browser.retina ? 2 : 1, canvas = this._container;
      L.DomUtil.setPosition(canvas, this._bounds.min);
      canvas.width = size.x * sharp;
      canvas.height = size.y * sharp;
      canvas.style.width = size.x + 'px';
      canvas.style.height = size.y + 'px';
      var pen = canvas.getContext('2d');
      pen.scale(sharp, sharp);
      pen.globalAlpha = G.overTiles ? 0.68 : 1;
      var origin = this._map.getPixelOrigin();
      this._frame = { scale: 256 * Math.pow(2, this._map.getZoom()), x: origin.x + this._bounds.min.x, y: origin.y + this._bounds.min.y, size: size };
      this._drawn = [];
      var level = this._cells.level(this._map);
      if (G.state.fill === 'heat') { this._drawHeat(pen, Math.min(level, this._pyramid.bottom - 1)); } else { this._drawCells(pen, level); }
    },

    /* Calls back with every cell in view that holds a case: its index and its place in pixels. */
    _each: function (level, margin, visit) {
      var square = this._pyramid.centres(level), f = this._frame, right = f.size.x + margin, low = f.size.y + margin;
      for (var i = 0, n = square.length; i < n; i += 2) {
        var x = square[i] * f.scale - f.x, y = square[i + 1] * f.scale - f.y;
        if (x > -margin && x < right && y > -margin && y < low) { visit(i / 2, x, y); }
      }
    },

    _drawCells: function (pen, level) {
      var me = this, about = this._cells.about(level), classes = [], f = this._frame;
      var wide = this._pyramid.width(level) / G.metresPerPixel(this._map);
      this._each(level, wide, function (i, x, y) {
        var n = about.counts[i];
        if (!n || n < about.least) { return; }
        var at = G.classOf(n, about.breaks);
        (classes[at] || (classes[at] = [])).push(i);
        me._drawn.push([i, x, y, n]);
      });
      var corner = new Float64Array(12);
      pen.lineWidth = wide < 16 ? 0.5 : 1;
      pen.strokeStyle = '#fff';
      classes.forEach(function (members, at) {
        pen.beginPath();
        members.forEach(function (i) {
          me._pyramid.corners(level, i, corner);
          for (var k = 0; k < 12; k += 2) {
            pen[k ? 'lineTo' : 'moveTo'](corner[k] * f.scale - f.x, corner[k + 1] * f.scale - f.y);
          }
          pen.closePath();
        });
        pen.fillStyle = G.shade('cell', at, about.breaks);
        pen.fill();
        if (wide >= 9) { pen.stroke(); }
      });
    },

    /* Cases per square kilometre by a quartic kernel, on nodes that the canvas blows up smoothly. */
    _drawHeat: function (pen, level) {
      var metres = G.metresPerPixel(this._map), reach = Math.max(REACH_M / metres, REACH_PX) / NODE, f = this._frame;
      var wide = Math.ceil(f.size.x / NODE), high = Math.ceil(f.size.y / NODE), nodes = new Float32Array(wide * high);
      var counts = this._cells.about(level).counts, km2 = Math.pow(NODE * metres / 1000, 2), top = 3 / (Math.PI * reach * reach * km2);
      this._each(level, reach * NODE, function (i, x, y) {
        if (!counts[i]) { return; }
        var cx = x / NODE - 0.5, cy = y / NODE - 0.5, weight = counts[i] * top;
        for (var row = Math.max(0, Math.ceil(cy - reach)); row <= Math.min(high - 1, cy + reach); row++) {
          for (var col = Math.max(0, Math.ceil(cx - reach)); col <= Math.min(wide - 1, cx + reach); col++) {
            var away = ((row - cy) * (row - cy) + (col - cx) * (col - cx)) / (reach * reach);
            if (away < 1) { nodes[row * wide + col] += weight * (1 - away) * (1 - away); }
          }
        }
      });
      this._cells.heatTop = niceTop(nodes);
      paint(pen, nodes, wide, high, this._cells.heatTop, f.size);
      this.fire('heat');
    },

    /* The cell under a place of the layer, as it was last drawn. */
    at: function (point) {
      var x = point.x - this._bounds.min.x, y = point.y - this._bounds.min.y, best = null, least = Infinity;
      this._drawn.forEach(function (cell) {
        var away = (cell[1] - x) * (cell[1] - x) + (cell[2] - y) * (cell[2] - y);
        if (away < least) { least = away; best = cell; }
      });
      var level = this._cells.level(this._map), half = this._pyramid.width(level) / G.metresPerPixel(this._map) / 2;
      return best && least < half * half * 1.15 ? { level: level, i: best[0], n: best[3] } : null;
    }
  });

  // The densest node, rounded up to a number that reads well.
  function niceTop(nodes) {
    var most = 0;
    for (var i = 0; i < nodes.length; i++) { if (nodes[i] > most) { most = nodes[i]; } }
    if (!most) { return 0; }
    var unit = Math.pow(10, Math.floor(Math.log(most) / Math.LN10));
    return unit * (most <= unit ? 1 : most <= 2 * unit ? 2 : most <= 5 * unit ? 5 : 10);
  }

  function paint(pen, nodes, wide, high, top, size) {
    var small = document.createElement('canvas'), ramp = G.heatRamp();
    small.width = wide;
    small.height = high;
    var brush = small.getContext('2d'), picture = brush.createImageData(wide, high), data = picture.data;
    for (var i = 0; top && i < nodes.length; i++) {
      var at = Math.min(255, Math.round(nodes[i] / top * 255)) * 4;
      for (var k = 0; k < 4; k++) { data[4 * i + k] = ramp[at + k]; }
    }
    brush.putImageData(picture, 0, 0);
    pen.imageSmoothingEnabled = true;
    pen.drawImage(small, 0, 0, wide * NODE, high * NODE);
  }

  /* 256 colours of four bytes, from nothing to the darkest. */
  G.heatRamp = function () {
    if (G._heatRamp) { return G._heatRamp; }
    var stops = G.colours.heat.map(function (colour) { return [1, 3, 5].map(function (k) { return parseInt(colour.slice(k, k + 2), 16); }); });
    var out = G._heatRamp = new Uint8ClampedArray(1024);
    for (var i = 0; i < 256; i++) {
      var at = i / 255 * (stops.length - 1), low = Math.min(stops.length - 2, Math.floor(at)), part = at - low;
      for (var k = 0; k < 3; k++) { out[4 * i + k] = stops[low][k] * (1 - part) + stops[low + 1][k] * part; }
      out[4 * i + 3] = Math.min(225, i * 7);
    }
    return out;
  };

  /* What the page shows of the pyramid: which resolution, which weeks, which category, in which classes. */
  G.Cells = function (layer) {
    this.pyramid = new G.Pyramid(layer);
    this.layer = layer;
    this.known = {};
  };

  G.Cells.prototype = {
    level: function (map) {
      var r = G.state.span ? this.layer.week_level : this.pyramid.bottom, metres = G.metresPerPixel(map);
      while (r > this.pyramid.top && this.pyramid.width(r) / metres < LEAST_PX) { r--; }
      return r;
    },

    // The weeks shown, from one up to the other; null for all of them.
    span: function () {
      if (!G.state.span) { return null; }
      var end = Math.min(this.layer.weeks, Math.max(1, +G.state.week || this.layer.weeks));
      return [Math.max(0, end - +G.state.span), end];
    },

    category: function () { return G.categoryIndex(this.layer.categories, G.state.category); },

    about: function (level) {
      var span = this.span(), category = this.category(), pyramid = this.pyramid;
      return {
        counts: pyramid.counts(level, category, span), span: span, breaks: this._breaks(level, category),
        least: level === pyramid.bottom ? this.layer.least : 1
      };
    },

    /* Classes are those of all spans of this length, so that a colour means one thing while weeks play. */
    _breaks: function (level, category) {
      var length = G.state.span ? Math.min(+G.state.span, this.layer.weeks) : 0, key = [level, category, length].join(':');
      if (this.known[key]) { return this.known[key]; }
      var values = [], least = level === this.pyramid.bottom ? this.layer.least : 1;
      function gather(counts) { for (var i = 0; i < counts.length; i++) { if (counts[i] >= least) { values.push(counts[i]); } } }
      if (!length) { gather(this.pyramid.counts(level, category, null)); }
      for (var end = this.layer.weeks; length && end >= length; end -= length) { gather(this.pyramid.counts(level, category, [end - length, end])); }
      return (this.known[key] = G.classBreaks(values));
    }
  };

  /* Lower ends of the classes above the first: fifths of whole numbers, rounded to two digits. */
  G.classBreaks = function (values) {
    var sorted = Float64Array.from(values).sort(), n = sorted.length, kinds = [], out = [];
    for (var i = 0; i < n && kinds.length < 6; i++) { if (sorted[i] !== kinds[kinds.length - 1]) { kinds.push(sorted[i]); } }
    if (kinds.length < 6) { return kinds.slice(1); }
    for (var k = 1; k < 5; k++) {
      var end = sorted[Math.floor(k * (n - 1) / 5)], unit = Math.pow(10, Math.max(0, Math.floor(Math.log(end) / Math.LN10) - 1));
      end = Math.max(Math.ceil(end / unit) * unit, (out[out.length - 1] || sorted[0]) + 1);
      if (end <= sorted[n - 1]) { out.push(end); }
    }
    return out;
  };

  // The place of a category among those of the grid; -1 for all of them.
  G.categoryIndex = function (names, wanted) {
    if (!wanted) { return -1; }
    return G.topOf.hasOwnProperty(wanted) ? G.topOf[wanted] : names.indexOf(wanted === G.OTHERS ? '' : wanted);
  };
  G.OTHERS = '*';
  G.topOf = {};
})(GeoHotspots);
