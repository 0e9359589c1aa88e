/* Names of streets and communities, each where it has room and covers nothing that matters. */
(function (G) {
  'use strict';
  // Where a label may move to, in pixels from the middle of its area.
  var SHIFTS = [[0, 0], [0, -14], [0, 14], [0, -26], [0, 26], [-18, 0], [18, 0], [-18, -20], [18, -20], [-18, 20],
    [18, 20], [0, -38], [0, 38], [-34, 0], [34, 0], [0, -54], [0, 54], [-34, -34], [34, -34], [-34, 34], [34, 34]];

  /* Labels: streets first, then communities that have room; none over another. All of them are text
     of one drawing: hundreds of elements that each move by themselves are what makes a map slow. */
  G.drawLabels = function (base) {
    var map = base.map, ruler = document.createElement('canvas').getContext('2d'), all = [], sheet = L.svg({ pane: 'labels', padding: 0.15 }).addTo(map);
    function prepare(rows, kind, size) {
      ruler.font = (kind === 'street' ? '600 ' : '') + size + 'px "Microsoft YaHei","Noto Sans CJK SC",sans-serif';
      rows.slice().sort(function (a, b) { return b.n - a.n; }).forEach(function (row) {
        if (!row.label || !row.name) { return; }
        var name = kind === 'street' ? row.name.replace(/(街道|地区)$/, '') : row.name.replace(/(社区|居委会)$/, '');
        var text = G.svg('text', { 'class': 'label label-' + kind });
        text.appendChild(document.createTextNode(name));
        all.push({ kind: kind, text: text, where: L.latLng(row.label[0], row.label[1]), radius: row.label[2], width: ruler.measureText(name).width, height: size });
      });
    }
    prepare(base.street, 'street', G.isNarrow() ? 12 : 14);
    prepare(base.community, 'community', 12);
    base.placeLabels = function () {
      var taken = [], size = map.getSize(), metres = G.metresPerPixel(map), dots = base.dots ? base.dots() : [];
      var corner = map.containerPointToLayerPoint([0, 0]), group = G.empty(sheet._rootGroup);
      all.forEach(function (label) {
        var room = 2 * label.radius / metres > label.width * (label.kind === 'street' ? 0.55 : 0.85);
        if (!room) { return; }
        var at = map.latLngToContainerPoint(label.where), radius = label.radius / metres;
        var near = at.x > -200 && at.x < size.x + 200 && at.y > -200 && at.y < size.y + 200;
        var shift = near ? bestShift(label, at, radius, taken, dots) : null;
        if (!shift) { return; }
        taken.push(boxOf(label, at, shift));
        label.text.setAttribute('x', corner.x + at.x + shift[0]);
        label.text.setAttribute('y', corner.y + at.y + shift[1]);
        group.appendChild(label.text);
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
