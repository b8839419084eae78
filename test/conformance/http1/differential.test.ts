// Message boundaries, ours against those of node:http: every smuggling attempt we know, then streams from a fixed seed.
import { describe, test } from 'node:test';
import { compareStreams } from './differential.ts';
import { randomPieces, randomStream, SMUGGLING, seededRandom } from './random-streams.ts';

const SEED = 9112;
const STREAMS = 50;

describe('message boundaries', () => {
  for (const [index, stream] of SMUGGLING.entries()) {
    test(`smuggling attempt ${index + 1}`, () => compareStreams(stream, [stream]));
  }

  test(`${STREAMS} random streams`, async () => {
    const random = seededRandom(SEED);
    for (let count = 0; count < STREAMS; count++) {
      const stream = randomStream(random);
      await compareStreams(stream, randomPieces(random, stream));
    }
  });
});
