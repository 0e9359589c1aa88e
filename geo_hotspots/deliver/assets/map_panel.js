/* The side panel: filters, search, the ranked list, and the card of the chosen point. */
(function (G) {
  'use strict';
  var PAGE = 60;

  G.fillSelect = function (id, first, options) {
    var select = G.empty(G.byId(id));
    [['', first]].concat(options).forEach(function (pair) { addOption(select, pair[0], pair[1]); });
  };

  function tally(points, field) {
    var counts = {};
    points.forEach(function (row) {
      if (row[field] !== null) { counts['=' + row[field]] = (counts['=' + row[field]] || 0) + 1; }
    });
    return Object.keys(counts).map(function (key) { return [key.slice(1), counts[key]]; });
  }

  /* Categories under the main one they belong to; a main one may be chosen too, with all below it. */
  G.prepareFilters = function (points, mains) {
    function options(field, label) {
      return tally(points, field).sort(function (a, b) { return b[1] - a[1] || (a[0] < b[0] ? -1 : 1); })
        .map(function (pair) { return [pair[0], label(pair[0]) + ' (' + pair[1] + ')']; });
    }
    function same(text) { return text; }
    G.fillSelect('street', G.say('all_streets'), options('street', same));
    G.fillSelect('kind', G.say('all_kinds'), options('kind', function (code) { return G.name('kind', code); }));
    G.fillSelect('category', G.say('all_categories'), []);
    G.mains = mains;
    G.topOf = {};
    points.forEach(function (row) { if (row.main !== null && row.main !== undefined) { G.topOf[row.category] = row.main; } });
    var all = options('category', G.category), select = G.byId('category');
    mains.forEach(function (name, i) {
      G.topOf[name || G.OTHERS] = i;
      var group = G.el('optgroup');
      group.label = name || G.say('others');
      addOption(group, name || G.OTHERS, G.say('whole_category', { name: group.label }));
      all.filter(function (pair) { return G.topOf[pair[0]] === i && pair[0] !== name; }).forEach(function (pair) { addOption(group, pair[0], pair[1]); });
      select.appendChild(group);
    });
    all.filter(function (pair) { return !G.topOf.hasOwnProperty(pair[0]); }).forEach(function (pair) { addOption(select, pair[0], pair[1]); });
  };

  function addOption(parent, value, text) {
    var option = G.el('option', '', text);
    option.value = value;
    parent.appendChild(option);
  }

  G.prepareMeasures = function (data) {
    G.empty(G.byId('measure'));
    G.measureOrder.forEach(function (measure) {
      addOption(G.byId('measure'), measure, G.words.field[measure]);
      G.byId('measure').lastChild.disabled = !data.street[measure].concat(data.community[measure]).some(function (value) { return value !== null; });
    });
  };

  /* One button per lifecycle: how many points are coming, staying, going; a press shows only them. */
  G.prepareStates = function (points, press) {
    var box = G.empty(G.byId('lifecycle')), counts = {};
    tally(points.filter(function (row) { return !row.isSingle; }), 'lifecycle').forEach(function (pair) { counts[pair[0]] = pair[1]; });
    Object.keys(G.colours.lifecycle).forEach(function (code) {
      if (!counts[code]) { return; }
      var button = G.el('button', 'state');
      button.type = 'button';
      button.setAttribute('data-code', code);
      button.onclick = function () { press(code); };
      G.add(box, G.add(button, G.glyph({ kind: 'repeat', lifecycle: code }, 4.5), G.el('span', '', G.name('lifecycle', code)), G.el('b', '', counts[code])));
    });
  };

  G.markState = function (wanted) {
    var buttons = G.byId('lifecycle').querySelectorAll('.state'), found = '';
    for (var i = 0; i < buttons.length; i++) {
      var mine = buttons[i].getAttribute('data-code') === wanted;
      if (mine) { found = wanted; }
      buttons[i].className = mine ? 'state on' : 'state';
      buttons[i].setAttribute('aria-pressed', mine ? 'true' : 'false');
    }
    return found;
  };

  /* The cases of the period, and the three streets that had most of them. */
  G.showSummary = function (base, pick) {
    var box = G.empty(G.byId('summary')), total = 0;
    base.street.forEach(function (row) { total += row.n || 0; });
    if (!base.street.length) { return; }
    if (!total) { G.add(box, G.el('span', '', G.say('nothing'))); return; }
    var most = base.street.filter(function (row) { return row.n; }).sort(function (a, b) { return b.n - a.n; }).slice(0, 3);
    G.add(box, G.el('span', '', G.say(base.street.length > 3 ? 'this_period_most' : 'this_period', { n: G.number(total) })));
    (base.street.length > 3 ? most : []).forEach(function (row) {
      var chip = G.el('button', 'most', row.name.replace(/(街道|地区)$/, '') + ' ');
      chip.type = 'button';
      chip.title = G.say('only_here');
      chip.onclick = function () { pick(row); };
      G.add(box, G.add(chip, G.el('b', '', G.number(row.n))));
    });
  };

  /* Single callers never stand among the others: they show only when asked for by name.
     `span` holds the weeks wanted, counted from the last one as 0. */
  G.filterPoints = function (points, span) {
    var state = G.state, words = state.q.toLowerCase().split(/\s+/).filter(Boolean), main = G.mainIndex(state.category);
    return points.filter(function (row) {
      return (state.kind ? row.kind === state.kind : !row.isSingle)
        && (!state.category || row.category === state.category || (main !== null && row.main === main))
        && (!state.street || row.street === state.street)
        && (!state.lifecycle || row.lifecycle === state.lifecycle)
        && (!span || !row.weeks || row.weeks.slice(span.from, span.to || undefined).some(Boolean))
        && words.every(function (word) { return row.key.indexOf(word) >= 0; });
    });
  };

  /* What narrows the view, in words: paper has no fields to look at. */
  G.filterWords = function (cells) {
    var state = G.state, words = ['category', 'street', 'kind'].filter(function (key) { return state[key]; }).map(function (key) {
      return G.byId(key).options[G.byId(key).selectedIndex].textContent.replace(/ \(\d+\)$/, '');
    });
    if (state.lifecycle) { words.push(G.name('lifecycle', state.lifecycle)); }
    if (cells && state.span) { words.push(G.spanWords(cells.layer, cells.span())); }
    if (state.q) { words.push('“' + state.q + '”'); }
    return words.length ? G.say('filtered_by') + words.join(' · ') : '';
  };

  // Which main category was asked for as a whole; null where it was none.
  G.mainIndex = function (wanted) {
    var found = G.mains.indexOf(wanted === G.OTHERS ? '' : wanted);
    return wanted && found >= 0 ? found : null;
  };

  G.preparePlaces = function (place) { G.places = G.rows(place, ['name', 'aliases', 'lng', 'lat']); };

  function named(row, wanted) { return (row.name || '').toLowerCase().indexOf(wanted) >= 0 || (row.aliases || '').toLowerCase().indexOf(wanted) >= 0; }

  // How early a name holds the word; who bears it only as another name comes last.
  function early(row, wanted) { var at = row.name.toLowerCase().indexOf(wanted); return at < 0 ? 999 : at; }

  /* Areas and places of that name, areas first, then what begins with it. */
  G.showPlaces = function (base, go) {
    var box = G.empty(G.byId('places')), wanted = G.state.q.trim().toLowerCase();
    if (!wanted) { return; }
    var areas = base.street.concat(base.community).filter(function (row) { return named(row, wanted); }).slice(0, 4);
    var places = G.places.filter(function (row) { return named(row, wanted); }).sort(function (a, b) {
      return early(a, wanted) - early(b, wanted) || a.name.length - b.name.length;
    });
    areas.concat(places.slice(0, 8 - areas.length)).forEach(function (row) {
      var chip = G.el('button', row.shape ? 'chip' : 'chip place', row.name);
      chip.type = 'button';
      chip.title = G.say('zoom_here');
      chip.onclick = function () { go(row); };
      G.add(box, chip);
    });
  };

  G.showList = function (rows, all, pick, room) {
    var list = G.empty(G.byId('list')), end = Math.min(rows.length, room || PAGE);
    for (var i = 0; i < end; i++) { list.appendChild(item(rows[i], pick)); }
    if (!rows.length) { G.add(list, G.el('li', 'empty', G.say(all ? 'none_found' : 'no_points'))); }
    if (end < rows.length) {
      var more = G.el('button', 'more', G.say('more', { n: Math.min(PAGE, rows.length - end) }));
      more.type = 'button';
      more.onclick = function () { G.showList(rows, all, pick, end + PAGE); };
      G.add(list, G.add(G.el('li'), more));
    }
    var count = rows.length === 1 && all === 1 ? G.say('count_one') : rows.length === all ? G.say('count', { n: all })
      : G.say('count_of', { n: rows.length, all: all });
    G.byId('count').textContent = count;
    G.byId('single-note').hidden = G.state.kind !== 'single_caller';
  };

  function item(row, pick) {
    var li = G.el('li', 'item'), head = G.el('button', 'item-head'), text = G.el('span', 'item-text'), side = G.el('span', 'item-side');
    head.type = 'button';
    head.setAttribute('data-id', row.hotspot_id);
    head.setAttribute('aria-expanded', 'false');
    var rank = G.el('span', 'rank' + (G.darkText[row.lifecycle] ? ' dark' : ''), row.isSingle || row.rank === null ? '◆' : row.rank);
    rank.style.background = G.symbolStyle(row).fillColor;
    G.add(text, G.el('b', '', row.name || row.hotspot_id));
    G.add(text, G.el('small', '', [G.category(row.category), row.community || row.street].filter(Boolean).join(' · ')));
    G.add(side, G.add(G.el('span', 'callers'), G.el('b', '', G.number(row.n_callers)), G.el('small', '', G.say('unit_callers'))));
    G.add(side, G.el('small', 'life life-' + row.lifecycle, G.name('lifecycle', row.lifecycle)));
    head.onclick = function () { pick(row, 'list'); };
    return G.add(li, G.add(head, rank, text, side));
  }

  /* Open the card of one point in the list and close any other. */
  G.openItem = function (row, scroll) {
    var list = G.byId('list'), heads = list.querySelectorAll('.item-head');
    for (var i = 0; i < heads.length; i++) {
      var head = heads[i], mine = !!row && head.getAttribute('data-id') === row.hotspot_id, li = head.parentNode;
      var card = li.querySelector('.card');
      if (card && !mine) { li.removeChild(card); }
      head.setAttribute('aria-expanded', mine ? 'true' : 'false');
      li.className = mine ? 'item open' : 'item';
      if (mine && !card) { li.appendChild(G.card(row)); }
      if (mine && scroll) { reveal(li); }
    }
  };

  function reveal(li) {
    if (!G.isNarrow()) {
      var list = li.parentNode;
      list.scrollTop += li.getBoundingClientRect().top - list.getBoundingClientRect().top - 8;
      return;
    }
    // On a phone the page scrolls under the map, which stays at the top.
    var map = document.querySelector('.stage').getBoundingClientRect();
    window.scrollBy(0, li.getBoundingClientRect().top - Math.max(map.bottom, 0) - 8);
  }

  G.card = function (row) {
    var card = G.el('div', 'card'), f = G.words.field;
    if (row.reason) { G.add(card, G.el('p', 'reason', row.reason)); }
    if (row.weeks && row.weeks.length) { G.add(card, spark(row.weeks.slice(-26), row.days_since_rectified)); }
    if (row.rectified.length) { G.add(card, G.el('h4', '', G.say('rectified_when')), G.rectifiedLines(row)); }
    if (row.mix && row.mix.length) { G.add(card, G.el('h4', '', G.say('mix')), mixOf(row.mix)); }
    var facts = G.el('dl', 'facts');
    function fact(name, text) {
      if (text === null || text === undefined || text === '') { return; }
      G.add(facts, G.add(G.el('div'), G.el('dt', '', name), G.el('dd', '', text)));
    }
    fact(G.say('next_week'), row.score === null ? null : G.number(row.score));
    fact(f.kind, G.name('kind', row.kind) + ' · ' + G.name('lifecycle', row.lifecycle));
    fact(f.n, G.number(row.n));
    fact(f.n_callers, G.number(row.n_callers));
    fact(f.n_days, row.n_days === null ? null : G.number(row.n_days));
    fact(f.expected, row.expected === null ? null : G.number(row.expected));
    fact(f.first_at, row.first_at);
    fact(f.last_at, row.last_at);
    fact(f.days_since_rectified, row.days_since_rectified === null ? null : G.say('days_unit', { n: G.number(row.days_since_rectified) }));
    fact(f.rebounds, row.rebounds ? G.say('times_unit', { n: row.rebounds }) : null);
    fact(f.street, row.street);
    fact(f.community, row.community);
    fact(f.level, G.name('level', row.level) + (row.uncertainty_m === null ? '' : ' · ' + G.say('metres_unit', { n: G.number(row.uncertainty_m) })));
    fact(f.hotspot_id, row.hotspot_id);
    return G.add(card, facts);
  };

  /* What else is reported from this place, as bars. */
  function mixOf(mix) {
    var table = G.el('table', 'mix'), most = Math.max.apply(null, mix.map(function (pair) { return pair[1]; }));
    mix.forEach(function (pair) {
      var bar = G.el('i');
      bar.style.width = Math.max(3, Math.round(pair[1] / most * 100)) + '%';
      G.add(table, G.add(G.el('tr'), G.el('th', '', G.category(pair[0]) || G.say('others')), G.add(G.el('td', 'bar'), bar), G.el('td', 'n', G.number(pair[1]))));
    });
    return table;
  }

  /* A bar per week, the last four dark; a line where the point was put right, if that was then. */
  function spark(weeks, fixedDays) {
    var most = Math.max.apply(null, weeks.concat([1])), step = 12, height = 44, width = weeks.length * step;
    var figure = G.el('figure', 'spark');
    var svg = G.svg('svg', { viewBox: '0 0 ' + width + ' ' + height, preserveAspectRatio: 'none', role: 'img', 'aria-label': weeks.join(', ') });
    svg.appendChild(G.svg('path', { d: 'M0,' + (height - 0.5) + 'h' + width, 'class': 'axis' }));
    weeks.forEach(function (n, i) {
      var h = n ? Math.max(2, Math.round(n / most * (height - 4))) : 0;
      svg.appendChild(G.svg('rect', { x: i * step + 1.5, y: height - 1 - h, width: step - 3, height: h, fill: i >= weeks.length - 4 ? '#1f5f99' : '#9db4c9' }));
    });
    var chart = G.add(G.el('div', 'chart'), svg);
    if (fixedDays !== null && fixedDays < 7 * weeks.length) {
      var mark = G.el('span', 'fixed', G.say('rectified')), at = 100 - fixedDays / (7 * weeks.length) * 100;
      mark.className += at > 80 ? ' left' : '';
      mark.style.left = at + '%';
      chart.appendChild(mark);
    }
    function sum(from, to) { return G.number(weeks.slice(from, to).reduce(function (a, b) { return a + b; }, 0)); }
    function caption(name, left, right) { return G.add(G.el('div', name), G.el('span', '', left), G.el('span', '', right)); }
    G.add(figure, caption('over', G.say('weeks', { n: weeks.length }), G.say('weeks_max', { n: G.number(most) })), chart,
      caption('under', G.say('weeks_ago', { n: weeks.length }), G.say('last_week')));
    if (weeks.length >= 8) {
      G.add(figure, G.el('figcaption', '', G.say('four_weeks', { now: sum(-4), before: sum(-8, -4) })));
    }
    return figure;
  }
})(GeoHotspots);
