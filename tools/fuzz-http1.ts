// Fuzzes the HTTP/1.1 wire for as long as one likes: random streams from a seed, compared with node:http as in the conformance
// tests. Prints the seed of every round, so that a failure can be had again: `fuzz-http1.ts [seconds] [seed]`.
import { compareStreams } from '../test/conformance/http1/differential.ts';
import { randomPieces, randomStream, seededRandom } from '../test/conformance/http1/random-streams.ts';

const ROUND = 200;

async function main(): Promise<void> {
  const seconds = Number(process.argv[2] ?? 60);
  let seed = Number(process.argv[3] ?? Date.now() % 1_000_000);
  const endAtMs = performance.now() + seconds * 1000;
  let streams = 0;
  while (performance.now() < endAtMs) {
    process.stdout.write(`seed ${seed}: `);
    const random = seededRandom(seed++);
    for (let count = 0; count < ROUND && performance.now() < endAtMs; count++) {
      const stream = randomStream(random);
      await compareStreams(stream, randomPieces(random, stream));
      streams++;
    }
    process.stdout.write(`${streams} streams without a difference\n`);
  }
}

await main();
