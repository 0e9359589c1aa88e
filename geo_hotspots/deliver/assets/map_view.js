/* How the map is looked at: its controls, its fit to screen and paper, what folds away on a phone. */
(function (G) {
  'use strict';

  G.controls = function (map, bounds) {
    L.control.zoom({ position: 'topright', zoomInTitle: G.say('zoom_in'), zoomOutTitle: G.say('zoom_out') }).addTo(map);
    if (!bounds) { return; }
    L.control.scale({ position: 'bottomright', imperial: false, maxWidth: 110 }).addTo(map);
    var Whole = L.Control.extend({
      onAdd: function () {
        var bar = L.DomUtil.create('div', 'leaflet-bar'), button = L.DomUtil.create('a', 'whole', bar);
        button.href = '#';
        button.title = G.say('whole');
        button.setAttribute('role', 'button');
        button.setAttribute('aria-label', G.say('whole'));
        button.appendChild(G.el('span', '', '⤢'));
        L.DomEvent.on(button, 'click', function (event) { L.DomEvent.stop(event); G.moved = true; G.fit(map, bounds); });
        return bar;
      }
    });
    new Whole({ position: 'topright' }).addTo(map);
  };

  G.padding = function () {
    var low = !G.isNarrow() && !G.byId('time').hidden ? 88 : 24;
    if (G.printing) { return { paddingTopLeft: [215, 14], paddingBottomRight: [14, 14], maxZoom: 17 }; }
    return G.isNarrow() ? { paddingTopLeft: [14, 14], paddingBottomRight: [14, 14], maxZoom: 17 }
      : { paddingTopLeft: [270, 24], paddingBottomRight: [48, low], maxZoom: 17 };
  };

  G.fit = function (map, bounds) {
    if (!bounds) { map.setView([0, 0], 1); return; }
    map.setMinZoom(0);
    map.fitBounds(bounds, L.extend({ animate: false }, G.padding()));
    map.setMinZoom(map.getZoom() - 1);
    map.setMaxBounds(bounds.pad(0.9));
  };

  G.bring = function (map, row) {
    G.moved = true;
    map.flyTo([row.lat, row.lng], Math.max(map.getZoom(), 14.5), { duration: 0.5 });
  };

  /* On narrow screens layers and filters fold away behind a button. */
  G.toggles = function () {
    function bind(open, close, className) {
      function set(on) {
        document.documentElement.classList[on ? 'add' : 'remove'](className);
        open.setAttribute('aria-expanded', on ? 'true' : 'false');
      }
      open.onclick = function () { set(open.getAttribute('aria-expanded') !== 'true'); };
      if (close) { close.onclick = function () { set(false); open.focus(); }; }
      set(!G.isNarrow());
    }
    bind(G.byId('layers-open'), G.byId('layers-close'), 'layers-shown');
    bind(G.byId('filters-open'), null, 'filters-shown');
  };

  /* Paper has a size of its own: the map is fitted to it, and put back after. */
  G.printer = function (map, bounds) {
    var view = null, paper = document.head.appendChild(G.el('style'));

    function choose(size) {
      paper.textContent = '@page { size: ' + size + ' landscape; margin: 9mm; }';
      document.documentElement.classList[size === 'A3' ? 'add' : 'remove']('a3');
    }

    ['A4', 'A3'].forEach(function (size) {
      G.byId('print-' + size).onclick = function () { choose(size); window.print(); };
    });
    choose('A4');
    window.addEventListener('beforeprint', function () {
      view = { centre: map.getCenter(), zoom: map.getZoom() };
      G.printing = true;
      document.documentElement.classList.add('printing');
      map.invalidateSize({ animate: false, pan: false });
      if (bounds && !G.state.at) { map.fitBounds(bounds, L.extend({ animate: false }, G.padding())); }
    });
    window.addEventListener('afterprint', function () {
      document.documentElement.classList.remove('printing');
      map.invalidateSize({ animate: false, pan: false });
      if (view) { map.setView(view.centre, view.zoom, { animate: false }); }
      G.printing = false;
    });
  };
})(GeoHotspots);
