/* The bar of weeks: which ones are shown, how many cases they hold, and a button that plays them. */
(function (G) {
  'use strict';
  var STEP_MS = 650, DAY = 86400000;

  // Days are counted in UTC, so that no change of the clock can move one.
  function dayAfter(first, days) { return new Date(Date.parse(first + 'T00:00:00Z') + days * DAY).toISOString().slice(0, 10); }

  /* The first and last day of the chosen weeks, in words. */
  G.spanWords = function (layer, span) {
    var first = dayAfter(layer.first_day, 7 * (span ? span[0] : 0)), last = dayAfter(layer.first_day, 7 * (span ? span[1] : layer.weeks) - 1);
    return first + ' ' + G.say('to') + ' ' + (first.slice(0, 4) === last.slice(0, 4) ? last.slice(5) : last);
  };

  // The same as the two days themselves.
  G.spanDays = function (layer, span) { return [dayAfter(layer.first_day, 7 * span[0]), dayAfter(layer.first_day, 7 * span[1] - 1)]; };

  G.timeBar = function (cells, changed) {
    var box = G.byId('time');
    if (!cells || cells.layer.weeks < 2) { box.hidden = true; return { show: function () { }, stop: function () { } }; }
    var layer = cells.layer, play = G.byId('play'), slider = G.byId('week'), choice = G.byId('span'), timer = null, bars = [];
    slider.min = 1;
    slider.max = layer.weeks;
    G.fillSelect('span', G.say('span_all', { n: layer.weeks }), [1, 4, 13].filter(function (n) { return n < layer.weeks; }).map(function (n) {
      return [String(n), G.say(n === 1 ? 'span_week' : 'span_weeks', { n: n })];
    }));
    drawBars();

    function drawBars() {
      var svg = G.svg('svg', { viewBox: '0 0 ' + layer.weeks + ' 24', preserveAspectRatio: 'none', 'aria-hidden': 'true' });
      for (var w = 0; w < layer.weeks; w++) { bars.push(svg.appendChild(G.svg('rect', { x: w + 0.1, width: 0.8 }))); }
      G.empty(G.byId('week-bars')).appendChild(svg);
    }

    function show() {
      var span = cells.span(), totals = cells.pyramid.weekTotals(cells.category()), most = Math.max.apply(null, totals.concat([1])), n = 0;
      bars.forEach(function (bar, w) {
        var high = totals[w] / most * 24, inside = !span || (w >= span[0] && w < span[1]);
        n += inside ? totals[w] : 0;
        bar.setAttribute('y', 24 - high);
        bar.setAttribute('height', high);
        bar.setAttribute('class', inside ? 'in' : 'out');
      });
      slider.value = span ? span[1] : layer.weeks;
      choice.value = G.state.span;
      var words = G.spanWords(layer, span);
      slider.setAttribute('aria-valuetext', words);
      G.empty(G.byId('time-text'));
      G.add(G.byId('time-text'), G.el('b', '', words), G.el('span', '', G.say('span_cases', { n: G.number(n) })));
      box.className = G.state.span ? 'time set' : 'time';
    }

    function stop() {
      clearInterval(timer);
      timer = null;
      play.className = 'play';
      play.setAttribute('aria-label', G.say('play'));
      play.title = G.say('play');
    }

    function go(week) {
      G.state.span = G.state.span || '4';
      G.state.week = String(week);
      changed();
    }

    function next() {
      var week = cells.span()[1];
      if (week >= layer.weeks) { stop(); return; }
      go(week + 1);
    }

    play.onclick = function () {
      if (timer) { stop(); return; }
      play.className = 'play on';
      play.setAttribute('aria-label', G.say('pause'));
      play.title = G.say('pause');
      var span = cells.span(), length = +G.state.span || 4;
      go(!span || span[1] >= layer.weeks ? Math.min(length, layer.weeks) : span[1]);
      timer = setInterval(next, STEP_MS);
    };
    slider.oninput = function () { stop(); go(+this.value); };
    choice.onchange = function () {
      stop();
      G.state.span = this.value;
      G.state.week = this.value ? String(slider.value) : '';
      changed();
    };
    stop();
    return { show: show, stop: stop };
  };
})(GeoHotspots);
