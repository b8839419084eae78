// data: URLs as sources of media.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sourceOfUrl, toDataUrl } from './data-url.ts';

test('reads base64, with or without attributes', () => {
  assert.deepEqual(sourceOfUrl('data:image/png;base64,AAAA'), { kind: 'base64', mediaType: 'image/png', data: 'AAAA' });
  assert.deepEqual(sourceOfUrl('DATA:Image/PNG;name=a.png;BASE64,AA=='), {
    kind: 'base64',
    mediaType: 'image/png',
    data: 'AA==',
  });
});

test('reads percent-encoded text', () => {
  const source = sourceOfUrl('data:,a%20%C3%A9 é');
  assert.deepEqual(source, { kind: 'base64', mediaType: 'text/plain', data: Buffer.from('a é é').toString('base64') });
});

test('leaves other URLs as they are', () => {
  assert.deepEqual(sourceOfUrl('https://a.example/b.png'), { kind: 'url', url: 'https://a.example/b.png' });
});

test('does not take what cannot be read', () => {
  assert.equal(sourceOfUrl('data:image/png;base64'), undefined);
  assert.equal(sourceOfUrl('data:text/plain,50%'), undefined);
});

test('gives back what it reads', () => {
  assert.deepEqual(sourceOfUrl(toDataUrl('application/pdf', 'JVBE')), {
    kind: 'base64',
    mediaType: 'application/pdf',
    data: 'JVBE',
  });
});
