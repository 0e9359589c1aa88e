/* What was deflated (RFC 1951) and written in base 64, unpacked: data, and scripts of others. ES5. */
var Packed = (function () {
  'use strict';
  var ORDER = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];

  function bytesOf(text) {
    var raw = atob(text), out = new Uint8Array(raw.length);
    for (var i = 0; i < raw.length; i++) { out[i] = raw.charCodeAt(i); }
    return out;
  }

  /* A table from the next bits of the stream to a symbol and the length of its code. */
  function codeTable(lengths) {
    var most = 0, counts = [], next = [0, 0], i, length;
    for (i = 0; i <= 15; i++) { counts[i] = 0; }
    for (i = 0; i < lengths.length; i++) { counts[lengths[i]]++; most = Math.max(most, lengths[i]); }
    counts[0] = 0;
    for (i = 1; i <= 15; i++) { next[i + 1] = (next[i] + counts[i]) << 1; }
    var table = new Uint16Array(1 << most);
    for (i = 0; i < lengths.length; i++) {
      length = lengths[i];
      if (!length) { continue; }
      // Codes stand in the stream with their first bit lowest.
      var code = next[length]++, mirrored = 0;
      for (var bit = 0; bit < length; bit++) { mirrored |= ((code >> bit) & 1) << (length - 1 - bit); }
      for (; mirrored < table.length; mirrored += 1 << length) { table[mirrored] = i << 4 | length; }
    }
    return { bits: most, table: table };
  }

  // Lengths and distances: a base for each symbol, and how many bits are added to it.
  function ramp(first, free, step, n) {
    var base = [], extra = [], value = first;
    for (var i = 0; i < n; i++) {
      extra[i] = i < free ? 0 : Math.floor((i - free) / step) + 1;
      base[i] = value;
      value += 1 << extra[i];
    }
    return { base: base, extra: extra };
  }
  var LENGTHS = ramp(3, 8, 4, 28), DISTANCES = ramp(1, 4, 2, 30);
  LENGTHS.base[28] = 258;
  LENGTHS.extra[28] = 0;

  function repeated(n, value, into) { while (n--) { into.push(value); } return into; }
  var FIXED = [
    codeTable(repeated(8, 8, repeated(24, 7, repeated(112, 9, repeated(144, 8, []))))), codeTable(repeated(30, 5, []))
  ];

  function inflate(input, size) {
    var out = new Uint8Array(size), at = 0, from = 0, hold = 0, have = 0;

    function take(n) {
      while (have < n) { hold |= input[from++] << have; have += 8; }
      var value = hold & ((1 << n) - 1);
      hold >>>= n;
      have -= n;
      return value;
    }

    function symbol(code) {
      while (have < code.bits) { hold |= (from < input.length ? input[from] : 0) << have; from++; have += 8; }
      var entry = code.table[hold & (code.table.length - 1)], length = entry & 15;
      if (!length) { throw new Error('broken stream'); }
      hold >>>= length;
      have -= length;
      return entry >> 4;
    }

    function dynamicCodes() {
      var nLengths = take(5) + 257, nDistances = take(5) + 1, n = take(4) + 4, first = repeated(19, 0, []), all = [], i;
      for (i = 0; i < n; i++) { first[ORDER[i]] = take(3); }
      first = codeTable(first);
      while (all.length < nLengths + nDistances) {
        var s = symbol(first);
        if (s < 16) { all.push(s); } else if (s === 16) { repeated(take(2) + 3, all[all.length - 1], all); }
        else { repeated(s === 17 ? take(3) + 3 : take(7) + 11, 0, all); }
      }
      return [codeTable(all.slice(0, nLengths)), codeTable(all.slice(nLengths))];
    }

    function block(codes) {
      for (;;) {
        var s = symbol(codes[0]);
        if (s < 256) { out[at++] = s; continue; }
        if (s === 256) { return; }
        var length = LENGTHS.base[s - 257] + take(LENGTHS.extra[s - 257]), d = symbol(codes[1]);
        var back = DISTANCES.base[d] + take(DISTANCES.extra[d]);
        for (; length; length--, at++) { out[at] = out[at - back]; }
      }
    }

    function stored() {
      from -= have >> 3; // bytes that were taken too early
      hold = have = 0;
      var length = input[from] | input[from + 1] << 8;
      out.set(input.subarray(from + 4, from + 4 + length), at);
      from += 4 + length;
      at += length;
    }

    for (var last = 0; !last;) {
      last = take(1);
      var kind = take(2);
      if (kind === 0) { stored(); } else if (kind === 3) { throw new Error('broken stream'); }
      else { block(kind === 1 ? FIXED : dynamicCodes()); }
    }
    return out;
  }

  /* Run the script that stands packed in the element before this one, under this one's nonce. */
  function run() {
    var me = document.currentScript, from = me && me.previousElementSibling;
    if (!from || !window.Uint8Array) { return; }
    var bytes = inflate(bytesOf(from.textContent), +from.getAttribute('data-size')), code = [];
    for (var i = 0; i < bytes.length; i += 8192) { code.push(String.fromCharCode.apply(null, bytes.subarray(i, i + 8192))); }
    var script = document.createElement('script');
    script.nonce = me.nonce || me.getAttribute('nonce');
    script.textContent = decodeURIComponent(escape(code.join('')));
    document.head.appendChild(script);
  }

  return { bytesOf: bytesOf, inflate: inflate, run: run };
})();
