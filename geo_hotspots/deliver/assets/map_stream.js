/* Numbers out of text: what was packed, seven bits a byte. */
(function (G) {
  'use strict';

  /* A reader of columns: each call takes the next `n` numbers. */
  G.columns = function (text, size) {
    var bytes = Packed.inflate(Packed.bytesOf(text), size), at = 0;
    return function (n) {
      var out = new Float64Array(n);
      for (var i = 0; i < n; i++) {
        // Most numbers are a byte.
        var byte = bytes[at++], value = byte & 127;
        for (var factor = 128; byte > 127; factor *= 128) {
          byte = bytes[at++];
          value += (byte & 127) * factor;
        }
        out[i] = value;
      }
      return out;
    };
  };
})(GeoHotspots);
