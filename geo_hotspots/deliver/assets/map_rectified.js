/* What was put right (整改): a tick beside its point, and lines on the point's card. */
(function (G) {
  'use strict';
  var FIELDS = ['hotspot_id', 'day', 'what', 'who'];

  /* Each point gets what was put right there, the latest first. */
  G.readRectified = function (data, points) {
    var byId = {}, rows = G.rows(data.rectified, FIELDS);
    points.forEach(function (row) { row.rectified = []; byId['=' + row.hotspot_id] = row; });
    rows.forEach(function (row) { if (byId['=' + row.hotspot_id]) { byId['=' + row.hotspot_id].rectified.push(row); } });
    points.forEach(function (row) { row.rectified.sort(function (a, b) { return a.day < b.day ? 1 : -1; }); });
    return rows.length;
  };

  G.rectifiedLines = function (row) {
    var list = G.el('ul', 'rectified');
    row.rectified.forEach(function (line) {
      var text = [line.what, line.who].filter(Boolean).join(' · ');
      G.add(list, G.add(G.el('li'), G.el('b', '', line.day), document.createTextNode(text ? ' ' + text : '')));
    });
    return list;
  };

  function tick(size) {
    var svg = G.svg('svg', { width: size, height: size, viewBox: '0 0 16 16', 'aria-hidden': 'true' });
    svg.appendChild(G.svg('rect', { x: 1, y: 1, width: 14, height: 14, rx: 3, fill: '#0e6b58', stroke: '#fff', 'stroke-width': 1.5 }));
    svg.appendChild(G.svg('path', { d: 'M4.5,8.2l2.5,2.6l4.6,-5.4', fill: 'none', stroke: '#fff', 'stroke-width': 2 }));
    return svg;
  }
  G.rectifiedGlyph = function () { return tick(14); };

  /* Ticks of the points that are shown; with weeks chosen, only of what was put right in them. */
  G.showRectified = function (drawn, rows, days, pick) {
    var layer = drawn.rectified || (drawn.rectified = L.layerGroup());
    layer.clearLayers();
    if (!G.state.rectified) { drawn.map.removeLayer(layer); return; }
    layer.addTo(drawn.map);
    rows.forEach(function (row) {
      var lines = row.rectified.filter(function (line) { return !days || (line.day >= days[0] && line.day <= days[1]); });
      if (!lines.length) { return; }
      var marker = L.marker([row.lat, row.lng], {
        pane: 'ranks', keyboard: false,
        icon: L.divIcon({ className: 'rectified-mark', html: tick(14), iconSize: [14, 14], iconAnchor: [-3, 17] })
      });
      marker.bindTooltip(function () {
        var tip = G.add(G.el('div', 'tip'), G.el('b', '', row.name || row.hotspot_id));
        lines.slice(0, 4).forEach(function (line) { G.add(tip, G.el('span', '', G.say('rectified') + ' ' + [line.day, line.what].filter(Boolean).join(' '))); });
        return tip;
      }, { direction: 'top', opacity: 1, offset: [10, -14] });
      marker.on('click', function () { pick(row, 'map'); });
      layer.addLayer(marker);
    });
  };
})(GeoHotspots);
