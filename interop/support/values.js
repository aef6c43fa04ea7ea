// What several suites need.

import assert from 'node:assert/strict';
import { createReadStream, writeFileSync } from 'node:fs';
import path from 'node:path';

/** Collects what an async iterable gives. */
export async function collect(iterable) {
  const all = [];
  for await (const one of iterable) {
    all.push(one);
  }
  return all;
}

/** Asserts that a value is an id of the platform: digits in a string. */
export function assertId(value, what = 'id') {
  assert.match(value, /^\d{15,}$/, what);
}

/** Asserts that a value is a time of now, in Unix seconds. */
export function assertNow(value) {
  assert.equal(typeof value, 'number');
  assert.ok(Math.abs(value - Date.now() / 1000) < 120, `${value} is not now`);
}

/** Writes a file, and returns it in the form in which the SDK takes uploads in Node. */
export function upload(dir, name, content) {
  const file = path.join(dir, name);
  writeFileSync(file, content);
  return createReadStream(file);
}

/** A WAV file of one tenth of a second: 16-bit samples, mono, 24 kHz, a tone of its own for each pitch. */
export function wav(pitch = 440) {
  const rate = 24000;
  const samples = rate / 10;
  const b = Buffer.alloc(44 + 2 * samples);
  b.write('RIFF', 0);
  b.writeUInt32LE(36 + 2 * samples, 4);
  b.write('WAVEfmt ', 8);
  b.writeUInt32LE(16, 16);
  b.writeUInt16LE(1, 20); // PCM
  b.writeUInt16LE(1, 22); // channels
  b.writeUInt32LE(rate, 24);
  b.writeUInt32LE(2 * rate, 28);
  b.writeUInt16LE(2, 32);
  b.writeUInt16LE(16, 34);
  b.write('data', 36);
  b.writeUInt32LE(2 * samples, 40);
  for (let i = 0; i < samples; i++) {
    b.writeInt16LE(Math.round(8000 * Math.sin((2 * Math.PI * pitch * i) / rate)), 44 + 2 * i);
  }
  return b;
}
