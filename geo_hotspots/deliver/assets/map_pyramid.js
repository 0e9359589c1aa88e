/* Counts in H3 cells of five resolutions: where the cells lie, and sums by category and week. */
(function (G) {
  'use strict';
  var EARTH = 6371007.18, SHRINK = Math.sqrt(1 / 7), TWIST = Math.asin(Math.sqrt(3 / 28)), SIXTH = Math.PI / 3;
  // The direction of each child's digit, in sixths of a circle from that of digit 1.
  var TURNS = [0, 0, -2, -1, 2, 1, 3];

  function turned(x, y, factor, angle) {
    var c = Math.cos(angle) * factor, s = Math.sin(angle) * factor;
    return [x * c - y * s, x * s + y * c];
  }

  /* A root: the plane that touches the earth at its face's centre, and its step on that plane. */
  function rootOf(frame) {
    var fx = frame[0], fy = frame[1], fz = frame[2], flat = Math.sqrt(fx * fx + fy * fy);
    var ex = -fy / flat, ey = fx / flat;
    return { fx: fx, fy: fy, fz: fz, ex: ex, ey: ey, nx: -fz * ey, ny: fz * ex, nz: fx * ey - fy * ex, x: frame[3], y: frame[4], step: [[frame[5], frame[6]]] };
  }

  // The step between neighbours `down` resolutions below the root.
  function stepAt(root, down, top) {
    for (var i = root.step.length; i <= down; i++) {
      var above = root.step[i - 1];
      root.step[i] = turned(above[0], above[1], SHRINK, (top + i) % 2 ? TWIST : -TWIST);
    }
    return root.step[down];
  }

  // Where the seven children lie, by digit, as steps from the parent's centre.
  function shiftsAt(root, down, top) {
    var all = root.shifts || (root.shifts = []);
    if (!all[down]) {
      var step = stepAt(root, down, top);
      all[down] = TURNS.map(function (turn, digit) { return digit ? turned(step[0], step[1], 1, turn * SIXTH) : [0, 0]; });
    }
    return all[down];
  }

  /* From the plane to the unit square of Web Mercator. */
  function toSquare(root, x, y, out, at) {
    var vx = root.fx + x * root.ex + y * root.nx, vy = root.fy + x * root.ey + y * root.ny, vz = root.fz + y * root.nz;
    var slope = vz / Math.sqrt(vx * vx + vy * vy);
    out[at] = 0.5 + Math.atan2(vy, vx) / (2 * Math.PI);
    out[at + 1] = 0.5 - Math.log(slope + Math.sqrt(slope * slope + 1)) / (2 * Math.PI);
  }

  function pathOf(name) { return Math.floor(parseInt(name.slice(2), 16) / Math.pow(8, 15 - parseInt(name.charAt(1), 16))); }

  G.Pyramid = function (layer) {
    this.layer = layer;
    this.top = layer.top;
    this.bottom = layer.bottom;
    this.roots = layer.frames.map(rootOf);
    this.totals = {};
    var take = G.columns(layer.data, layer.n_bytes), levels = this.levels = {}, n = layer.sizes, r, c;
    levels[this.top] = { n: n[0], path: layer.roots.map(pathOf), root: layer.roots.map(function (_, i) { return i; }),
      x: this.roots.map(function (root) { return root.x; }), y: this.roots.map(function (root) { return root.y; }) };
    for (r = this.top; r < this.bottom; r++) { levels[r + 1] = this._below(r, n[r + 1 - this.top], take(n[r - this.top])); }
    var all = Math.max(1, layer.categories.length);
    this.nCategories = all;
    for (c = 0; c < all; c++) { this.totals[this.bottom + ':' + c] = take(n[n.length - 1]); }
    this.rest = [];
    for (c = 0; c < all; c++) { this.rest[c] = take(n[n.length - 2]); }
  };

  G.Pyramid.prototype = {
    /* The children that the masks name, in the order of their names. */
    _below: function (r, n, masks) {
      var above = this.levels[r], at = 0, down = r + 1 - this.top;
      var out = { n: n, path: new Float64Array(n), root: new Uint32Array(n), parent: new Uint32Array(n), x: new Float64Array(n), y: new Float64Array(n) };
      for (var i = 0; i < above.n; i++) {
        var shifts = shiftsAt(this.roots[above.root[i]], down, this.top);
        for (var digit = 0; digit < 7; digit++) {
          if (!(masks[i] >> digit & 1)) { continue; }
          var shift = shifts[digit];
          out.path[at] = above.path[i] * 8 + digit;
          out.root[at] = above.root[i];
          out.parent[at] = i;
          out.x[at] = above.x[i] + shift[0];
          out.y[at++] = above.y[i] + shift[1];
        }
      }
      return out;
    },

    /* The centres of all cells of a level in the unit square, x and y in turn. */
    centres: function (r) {
      var level = this.levels[r];
      if (!level.square) {
        level.square = new Float64Array(2 * level.n);
        for (var i = 0; i < level.n; i++) { toSquare(this.roots[level.root[i]], level.x[i], level.y[i], level.square, 2 * i); }
      }
      return level.square;
    },

    /* The six corners of a cell in the unit square, x and y in turn. */
    corners: function (r, i, out) {
      var level = this.levels[r], root = this.roots[level.root[i]], key = r - this.top;
      var around = root.around || (root.around = []), offsets = around[key];
      if (!offsets) {
        var step = stepAt(root, key, this.top);
        offsets = around[key] = [];
        for (var k = 0; k < 6; k++) { offsets[k] = turned(step[0], step[1], Math.sqrt(1 / 3), (k + 0.5) * SIXTH); }
      }
      for (var j = 0; j < 6; j++) { toSquare(root, level.x[i] + offsets[j][0], level.y[i] + offsets[j][1], out, 2 * j); }
      return out;
    },

    name: function (r, i) {
      var number = (this.levels[r].path[i] + 1) * Math.pow(8, 15 - r) - 1, hex = number.toString(16);
      return '8' + r.toString(16) + new Array(14 - hex.length).join('0') + hex;
    },

    /* Metres from one cell's centre to the next. */
    width: function (r) {
      var step = this.roots.length ? stepAt(this.roots[0], r - this.top, this.top) : [0, 0];
      var root = this.roots[0], far = root ? 1 + root.x * root.x + root.y * root.y : 1;
      return EARTH * Math.sqrt(step[0] * step[0] + step[1] * step[1]) / Math.pow(far, 0.75);
    },

    /* Cases per cell: of one category or (-1) of all, in the weeks from `from` up to `to`, or of all weeks. */
    counts: function (r, category, span) {
      return span ? this._inWeeks(r, category, span) : this._sum(r, category);
    },

    _sum: function (r, category) {
      var key = r + ':' + category, known = this.totals[key], i, c;
      if (known) { return known; }
      var out = this.totals[key] = new Float64Array(this.levels[r].n);
      if (category < 0) {
        for (c = 0; c < this.nCategories; c++) { add(out, this._sum(r, c)); }
        return out;
      }
      if (r === this.bottom - 1) { add(out, this.rest[category]); }
      var below = this._sum(r + 1, category), parent = this.levels[r + 1].parent;
      for (i = 0; i < below.length; i++) { out[parent[i]] += below[i]; }
      return out;
    },

    /* Running sums over the weeks make any span of weeks one subtraction a cell. */
    _running: function (r, category) {
      if (!this._runs || this._runs.category !== category) { this._runs = { category: category }; }
      if (this._runs[r]) { return this._runs[r]; }
      if (!this._weekly) { this._weekly = this._readWeeks(); }
      var weeks = this.layer.weeks, wide = weeks + 1, n = this.levels[r].n, out = this._runs[r] = new Uint32Array(n * wide), i, w;
      // Straight into the level that is shown: the finer ones are many times larger.
      var gaps = this._weekly.gaps, counts = this._weekly.counts, up = this._ancestors(r), all = this.nCategories, slot = -1;
      for (i = 0; i < gaps.length; i++) {
        slot += gaps[i];
        var rest = Math.floor(slot / weeks), cell = Math.floor(rest / all);
        if (category >= 0 && rest - cell * all !== category) { continue; }
        out[up[cell] * wide + slot - rest * weeks + 1] += counts[i];
      }
      for (i = 0; i < n; i++) {
        for (w = 1; w < wide; w++) { out[i * wide + w] += out[i * wide + w - 1]; }
      }
      return out;
    },

    /* For each cell that has weeks, the one above it at a level. */
    _ancestors: function (r) {
      var k = this.layer.week_level, up = new Uint32Array(this.levels[k].n), i;
      for (i = 0; i < up.length; i++) { up[i] = i; }
      for (; k > r; k--) {
        var parent = this.levels[k].parent;
        for (i = 0; i < up.length; i++) { up[i] = parent[up[i]]; }
      }
      return up;
    },

    // Unpacked only when somebody asks for them.
    _readWeeks: function () {
      var take = G.columns(this.layer.week_data, this.layer.week_bytes), n = this.layer.n_weekly;
      return { gaps: take(n), counts: take(n) };
    },

    _inWeeks: function (r, category, span) {
      var run = this._running(r, category), wide = this.layer.weeks + 1, out = new Float64Array(this.levels[r].n);
      for (var i = 0; i < out.length; i++) { out[i] = run[i * wide + span[1]] - run[i * wide + span[0]]; }
      return out;
    },

    /* Cases of each week, of one category or of all. */
    weekTotals: function (category) {
      return this.layer.week_totals.reduce(function (sum, weeks, c) {
        return weeks.map(function (n, w) { return (sum[w] || 0) + (category < 0 || category === c ? n : 0); });
      }, []);
    }
  };

  function add(into, what) { for (var i = 0; i < into.length; i++) { into[i] += what[i]; } }
})(GeoHotspots);
