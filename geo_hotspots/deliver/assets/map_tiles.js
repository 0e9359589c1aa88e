/* Tiles under the map, where the settings ask for them; the tiles move to the data, never the other way. */
(function (G) {
  'use strict';
  var PATIENCE = 3, A = 6378245, E2 = 0.00669342162296594323;

  /* The open formula from WGS84 to GCJ-02. */
  G.toGcj02 = function (lat, lng) {
    var x = lng - 105, y = lat - 35, pi = Math.PI, root = Math.sqrt(Math.abs(x));
    var waves = 20 * Math.sin(6 * x * pi) + 20 * Math.sin(2 * x * pi);
    var north = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root
      + (waves + 20 * Math.sin(y * pi) + 40 * Math.sin(y / 3 * pi)) * 2 / 3 + (160 * Math.sin(y / 12 * pi) + 320 * Math.sin(y * pi / 30)) * 2 / 3;
    var east = 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root
      + (waves + 20 * Math.sin(x * pi) + 40 * Math.sin(x / 3 * pi)) * 2 / 3 + (150 * Math.sin(x / 12 * pi) + 300 * Math.sin(x / 30 * pi)) * 2 / 3;
    var phi = lat * pi / 180, magic = 1 - E2 * Math.sin(phi) * Math.sin(phi);
    return [lat + north * 180 / (A * (1 - E2) / (magic * Math.sqrt(magic)) * pi), lng + east * 180 / (A / Math.sqrt(magic) * Math.cos(phi) * pi)];
  };

  // And back: the shift changes by less than a metre over its own length, so two steps are exact to a millimetre.
  function fromGcj02(lat, lng) {
    for (var i = 0, at = [lat, lng], there; i < 2; i++) {
      there = G.toGcj02(at[0], at[1]);
      at = [at[0] + lat - there[0], at[1] + lng - there[1]];
    }
    return at;
  }

  /* A layer whose tiles lie in another datum: it is drawn as if the map looked at the same place there. */
  G.ShiftedTiles = L.TileLayer.extend({
    _there: function (centre) { return L.latLng((this.options.back ? fromGcj02 : G.toGcj02)(centre.lat, centre.lng)); },
    _getTiledPixelBounds: function (centre) { return L.TileLayer.prototype._getTiledPixelBounds.call(this, this._there(centre)); },
    _setZoomTransform: function (level, centre, zoom) {
      var map = this._map, scale = map.getZoomScale(zoom, level.zoom);
      var away = map.project(centre, zoom).subtract(map.project(this._there(centre), zoom));
      L.DomUtil.setTransform(level.el, level.origin.multiplyBy(scale).subtract(map._getNewPixelOrigin(centre, zoom)).add(away), scale);
    },
    // The shift is that of the view's centre, so it follows every move.
    _onMoveEnd: function () {
      L.TileLayer.prototype._onMoveEnd.call(this);
      if (this._map && !this._map._animatingZoom) { this._setZoomTransforms(this._map.getCenter(), this._map.getZoom()); }
    }
  });

  G.addTiles = function (map, tiles, bounds) {
    if (!tiles) { return; }
    var datums = tiles.datum.split('>'), Layer = datums[0] === datums[1] ? L.TileLayer : G.ShiftedTiles, failed = 0;
    var options = { maxZoom: 22, maxNativeZoom: tiles.max_zoom, bounds: bounds ? bounds.pad(0.5) : null, back: datums[1] === 'gcj02' };
    var layers = tiles.urls.map(function (url) { return new Layer(url, options); });
    if (!layers.length) { layers = [embedded(Layer, tiles.tiles, options)]; }
    var credit = [tiles.attribution, tiles.approval ? G.say('approval') + tiles.approval : ''].filter(Boolean).map(escaped).join(' · ');
    G.overTiles = true;
    layers.forEach(function (layer) {
      layer.on('tileerror', function () {
        failed++;
        if (failed === PATIENCE) { gone(map, layers, credit); }
      });
      layer.addTo(map);
    });
    if (credit) { map.attributionControl.addAttribution(credit); }
  };

  // Tiles that the page holds; a place without one is no error.
  function embedded(Layer, tiles, options) {
    var nothing = 'data:image/gif;base64,R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7';
    var Embedded = Layer.extend({ getTileUrl: function (at) { return tiles[at.z + '/' + at.x + '/' + at.y] || nothing; } });
    return new Embedded('', options);
  }

  function gone(map, layers, credit) {
    layers.forEach(function (layer) { map.removeLayer(layer); });
    if (credit) { map.attributionControl.removeAttribution(credit); }
    G.overTiles = false;
    var notice = G.byId('notice');
    notice.textContent = G.say('tiles_gone');
    notice.hidden = false;
    if (G.tilesGone) { G.tilesGone(); }
  }

  function escaped(text) { var node = G.el('span', '', text); return node.innerHTML; }
})(GeoHotspots);
