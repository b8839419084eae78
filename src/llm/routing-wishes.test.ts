// Wishes are found whatever stands around them, refused by name where they are wrong, and taken out without a trace.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { type ReadWishes, readWishes, withoutWishes } from './routing-wishes.ts';

function read(text: string): ReadWishes {
  const bytes = Buffer.from(text);
  return readWishes(bytes, 0, bytes.length);
}

function provider(text: string): unknown {
  const result = read(`{"model":"m","provider":${text}}`);
  assert.ok('wishes' in result, JSON.stringify(result));
  return result.wishes?.provider;
}

describe('what a request wishes of the router', () => {
  it('is nothing where neither member stands', () => {
    assert.deepEqual(read('{"model":"m","messages":[{"provider":1,"models":2}]}'), { wishes: undefined });
  });

  it('is a list of models and preferences of providers', () => {
    const result = read('{"models":["a","b"],"model":"m","provider":{"order":["openai"],"allow_fallbacks":false}}');
    assert.ok('wishes' in result);
    assert.deepEqual(result.wishes?.models, ['a', 'b']);
    assert.deepEqual(result.wishes?.provider, { order: ['openai'], allowFallbacks: false });
    assert.deepEqual(result.wishes?.members, ['model']);
  });

  it('knows every preference, prices as numbers or text, and leaves those of OpenRouter alone', () => {
    assert.deepEqual(
      provider('{"only":["a"],"ignore":["b"],"sort":"price","max_price":{"prompt":1,"completion":"2.5"}}'),
      {
        only: ['a'],
        ignore: ['b'],
        sort: 'price',
        maxPrice: { prompt: 1, completion: 2.5 },
      },
    );
    assert.deepEqual(
      provider('{"sort":{"by":"latency"},"require_parameters":true,"data_collection":"deny","order":null}'),
      {
        sort: 'latency',
        requireParameters: true,
      },
    );
    assert.deepEqual(provider('null'), {});
  });

  it('is named with its member where it is written wrongly', () => {
    const wrong = [
      ['{"models":"a"}', 'models'],
      ['{"models":["a",1]}', 'models'],
      ['{"provider":["openai"]}', 'provider'],
      ['{"provider":{"order":"openai"}}', 'provider.order'],
      ['{"provider":{"only":[""]}}', 'provider.only'],
      ['{"provider":{"ignore":{}}}', 'provider.ignore'],
      ['{"provider":{"allow_fallbacks":"no"}}', 'provider.allow_fallbacks'],
      ['{"provider":{"sort":"cheap"}}', 'provider.sort'],
      ['{"provider":{"max_price":5}}', 'provider.max_price'],
      ['{"provider":{"max_price":{"prompt":-1}}}', 'provider.max_price.prompt'],
      ['{"provider":{"max_price":{"completion":"x"}}}', 'provider.max_price.completion'],
      ['{"provider":{"require_parameters":1}}', 'provider.require_parameters'],
    ] as const;
    for (const [text, member] of wrong) {
      const result = read(text);
      assert.equal('wrong' in result && result.wrong.member, member, text);
    }
  });

  it('is taken as JSON.parse takes it where a member is repeated or written with escapes', () => {
    const result = read('{"m\\u006fdels":["a"],"models":["b"]}');
    assert.deepEqual('wishes' in result && result.wishes?.models, ['b']);
  });

  it('can be taken out, and nothing else changes', () => {
    const name = fc.oneof(fc.constantFrom('models', 'provider', 'model'), fc.string({ maxLength: 4 }));
    const member = fc.record({ name, value: fc.jsonValue(), space: fc.constantFrom('', ' ', '\n') });
    fc.assert(
      fc.property(fc.array(member, { maxLength: 6 }), (written) => {
        const usable = written.map((each) => ({
          ...each,
          value: each.name === 'models' ? ['a'] : each.name === 'provider' ? { only: ['p'] } : each.value,
        }));
        const text = usable
          .map(
            (each) =>
              `${each.space}${JSON.stringify(each.name)}:${each.space}${JSON.stringify(each.value)}${each.space}`,
          )
          .join(',');
        const bytes = Buffer.from(`  {${text}} `);
        const result = readWishes(bytes, 0, bytes.length);
        assert.ok('wishes' in result);
        const { models: _models, provider: _provider, ...rest } = JSON.parse(bytes.toString());
        if (result.wishes === undefined) assert.ok(!usable.some((each) => /^(models|provider)$/.test(each.name)));
        else assert.deepEqual(JSON.parse(withoutWishes(bytes, result.wishes).toString()), rest);
      }),
      { seed: 4, numRuns: 500 },
    );
  });
});
