/* Names of streets and communities, each where it has room and covers nothing that matters. */
(function (G) {
  'use strict';
  // Where a label may move to, in pixels from the middle of its area.
  var SHIFTS = [[0, 0], [0, -14], [0, 14], [0, -26], [0, 26], [-18, 0], [18, 0], [-18, -20], [18, -20], [-18, 20],
    [18, 20], [0, -38], [0, 38], [-34, 0], [34, 0], [0, -54], [0, 54], [-34, -34], [34, -34], [-34, 34], [34, 34]];

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
      var metres = G.metresPerPixel(map);
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
      return least >= (label.kind === 'community' ? 1 : G.isNarrow() ? 4 : 10) ? null : best;
    }

    function meets(a, b) { return a[0] < b[2] && b[0] < a[2] && a[1] < b[3] && b[1] < a[3]; }

    map.on('zoomend moveend resize', base.placeLabels);
  };
})(GeoHotspots);
