// An explanation as a person reads it: the request as understood, every rule tried, the plan, what is sent.
import type { Explanation } from '../app/explain-offline.ts';
import type { Output } from './terminal.ts';

type Result = Explanation['result'];
type Candidate = Explanation['candidates'][number];
type Endpoint = Candidate['endpoints'][number];

function requestLine({ method, host, path, query }: Explanation): string {
  return `${method} ${host}${path}${query === '' ? '' : `?${query}`}`;
}

function printResult(result: Result, output: Output): void {
  if (result.kind === 'reply') {
    const code = result.error === undefined ? '' : ` (${result.error})`;
    output.line(`${output.paint('bold', 'answer')}   ${result.status}${code}: ${result.because}`);
    return;
  }
  output.line(`${output.paint('bold', 'send')}     ${result.requestLine}`);
  output.line(`         to ${result.endpoint}, host ${result.host}, backend ${result.backend}`);
  if (result.model !== undefined) output.line(`         model ${result.model}`);
  for (const { backend, because } of result.passedOver ?? []) output.line(`         not ${backend}: ${because}`);
  const { translation } = result;
  if (translation === undefined) return;
  const { wire, dropped } = translation;
  output.line(`         translated to ${wire}${dropped.length === 0 ? '' : `, without ${dropped.join(', ')}`}`);
}

function printRetries(
  { attempts, pauses, after, notAfter }: NonNullable<Explanation['retries']>,
  output: Output,
): void {
  if (after.length === 0) return;
  const isUnsafe = notAfter.some((line) => line.includes('may have run'));
  output.line(`${output.paint('bold', 'retries')}  up to ${attempts} tries, after ${after.join(', ')}`);
  output.line(`         pauses ${pauses}`);
  if (isUnsafe) output.line('         not after what may have run already: twice may do harm');
}

function printLocality({ clientRegion, levels }: NonNullable<Explanation['locality']>, output: Output): void {
  for (const { kind, places } of levels) {
    const from =
      clientRegion === undefined
        ? 'no region of the client is known'
        : `a client in ${clientRegion}, told by a trusted proxy or by default`;
    const whose = kind === 'region' ? `: ${from}` : '';
    output.line(`${output.paint('bold', `${kind}s`.padEnd(8))} ${places.length} of them${whose}`);
    for (const { place, share, because } of places) {
      const name = place === '' ? 'elsewhere' : place;
      output.line(`         ${name}: ${Math.round(share * 1000) / 10} % of such requests (${because})`);
    }
  }
}

function amount(value: number): string {
  return Number(value.toPrecision(3)).toString();
}

function endpointLine({ url, cost, share, inFlight, latencyMs, out }: Endpoint): string {
  if (out.length > 0) return `${url}: out, ${out.join(', ')}`;
  const facts = [
    ...(cost === undefined ? [] : [`cost ${amount(cost)}`]),
    `${Math.round(share * 1000) / 10} % of the weight`,
    `${inFlight} in flight`,
    ...(latencyMs === undefined ? [] : [`${amount(latencyMs)} ms`]),
  ];
  return `${url}: ${facts.join(', ')}`;
}

/** Endpoints are listed where there is something to choose, or somebody is out. */
function printCandidate(candidate: Candidate, index: number, output: Output): void {
  const { backend, model, because, algorithm, endpoints, breaker, budget, concurrency } = candidate;
  const label = index === 0 ? output.paint('bold', 'plan') : '    ';
  const name = model === undefined ? backend : `${backend} (model ${model})`;
  output.line(`${label}     ${index + 1}. ${name}: ${because}`);
  const states = [
    ...(breaker === undefined ? [] : [`circuit breaker ${breaker}`]),
    ...(budget === undefined || budget.requests + budget.retries === 0
      ? []
      : [`${budget.retries} retries for ${budget.requests} requests in 10 s, ${budget.left} left`]),
    ...(concurrency === undefined ? [] : [`${concurrency.inFlight} of ${concurrency.limit} places taken`]),
  ];
  if (states.length > 0) output.line(`            ${states.join('; ')}`);
  if (endpoints.length < 2 && endpoints.every(({ out }) => out.length === 0)) return;
  if (endpoints.length > 1) output.line(`            by ${algorithm}:`);
  for (const endpoint of endpoints) output.line(`            ${endpointLine(endpoint)}`);
}

export function printExplanation(explanation: Explanation, output: Output): void {
  const { rules, filters, candidates, resources } = explanation;
  output.line(`${output.paint('bold', 'request')}  ${requestLine(explanation)} on listener ${explanation.listener}`);
  if (explanation.model !== undefined && explanation.model !== '') output.line(`         model ${explanation.model}`);
  const width = Math.max(0, ...rules.map((rule) => rule.route.length));
  for (const [index, { route, origin, matched, because }] of rules.entries()) {
    const label = index === 0 ? output.paint('bold', 'rules') : '     ';
    const mark = matched ? output.paint('green', '✓') : output.paint('red', '✗');
    output.line(`${label}    ${mark} ${route.padEnd(width)}  ${because}  ${output.paint('dim', origin)}`);
  }
  output.line(`${output.paint('bold', 'route')}    ${explanation.route ?? 'none'}`);
  if (filters.length > 0) output.line(`${output.paint('bold', 'filters')}  ${filters.join(' → ')}`);
  for (const [index, candidate] of candidates.entries()) printCandidate(candidate, index, output);
  if (resources !== undefined) {
    const amounts = Object.entries(resources).map(([name, amount]) => `${name} ${amount}`);
    output.line(`${output.paint('bold', 'needs')}    ${amounts.join(', ')} (resources of the target)`);
  }
  if (explanation.locality !== undefined) printLocality(explanation.locality, output);
  printResult(explanation.result, output);
  if (explanation.retries !== undefined) printRetries(explanation.retries, output);
  if (explanation.hedge !== undefined) output.line(`${output.paint('bold', 'hedge')}    ${explanation.hedge}`);
}
