// Embeddings as clients of Google's API ask for them: `embedContent`, `batchEmbedContents`, and Vertex's `predict`.
import type { Decoded, EmbeddingsClientCodec, RequestAddress } from '../../codec.ts';
import type { JsonObject } from '../../json-value.ts';
import type { EmbeddingsRequest } from '../../request.ts';
import type { EmbeddingsResponse } from '../../response.ts';
import { modelOf } from './decode-request.ts';
import { exceedsDepth, memberOf, otherMembers, Reading } from './reading.ts';

/** What is asked about one text. */
interface Wish {
  readonly text: string;
  readonly task: string | undefined;
  readonly title: string | undefined;
  readonly dimensions: number | undefined;
}

const REQUEST_NAMES = ['model', 'content', 'taskType', 'title', 'outputDimensionality'];
const INSTANCE_NAMES = ['content', 'taskType', 'title'];

function contentText(entry: JsonObject, param: string, reading: Reading): string {
  const content = reading.object(memberOf(entry, 'content'), `${param}content`);
  const parts = content === undefined ? [] : reading.objects(memberOf(content, 'parts'), `${param}content.parts`);
  if (parts.length === 0) reading.fail(`${param}content.parts`, 'must hold a text');
  const texts = parts.map((part, at) => {
    const text = reading.text(memberOf(part, 'text'), `${param}content.parts[${at}].text`);
    return text ?? reading.fail(`${param}content.parts[${at}]`, 'must be a text') ?? '';
  });
  return texts.join('\n');
}

function readRequest(entry: JsonObject, param: string, reading: Reading): Wish {
  reading.leave('', otherMembers(entry, REQUEST_NAMES));
  return {
    text: contentText(entry, param, reading),
    task: reading.text(memberOf(entry, 'taskType'), `${param}taskType`),
    title: reading.text(memberOf(entry, 'title'), `${param}title`),
    dimensions: reading.number(memberOf(entry, 'outputDimensionality'), `${param}outputDimensionality`),
  };
}

function readInstance(instance: JsonObject, at: number, dimensions: number | undefined, reading: Reading): Wish {
  const param = `instances[${at}]`;
  const text = reading.text(memberOf(instance, 'content'), `${param}.content`);
  if (text === undefined) reading.fail(`${param}.content`, 'must be a text');
  reading.leave('instances[].', otherMembers(instance, INSTANCE_NAMES));
  return {
    text: text ?? '',
    task: reading.text(memberOf(instance, 'taskType'), `${param}.task_type`),
    title: reading.text(memberOf(instance, 'title'), `${param}.title`),
    dimensions,
  };
}

interface Shape {
  readonly wishes: readonly Wish[];
  readonly isSingle: boolean;
  readonly isPredict: boolean;
}

function readPredict(body: JsonObject, reading: Reading): Shape {
  const parameters = reading.object(memberOf(body, 'parameters'), 'parameters') ?? {};
  const dimensions = reading.number(memberOf(parameters, 'outputDimensionality'), 'parameters.outputDimensionality');
  reading.leave('parameters.', otherMembers(parameters, ['outputDimensionality']));
  const instances = reading.objects(memberOf(body, 'instances'), 'instances');
  const wishes = instances.map((instance, at) => readInstance(instance, at, dimensions, reading));
  return { wishes, isSingle: false, isPredict: true };
}

function readShape(body: JsonObject, reading: Reading): Shape {
  if (memberOf(body, 'instances') !== undefined) return readPredict(body, reading);
  if (memberOf(body, 'requests') === undefined)
    return { wishes: [readRequest(body, '', reading)], isSingle: true, isPredict: false };
  const requests = reading.objects(memberOf(body, 'requests'), 'requests');
  const wishes = requests.map((request, at) => readRequest(request, `requests[${at}].`, reading));
  return { wishes, isSingle: false, isPredict: false };
}

/** Other wires ask one thing about all texts. */
function checkAlike(wishes: readonly Wish[], reading: Reading): void {
  const [first] = wishes;
  for (const name of ['task', 'title', 'dimensions'] as const) {
    const at = wishes.findIndex((wish) => wish[name] !== first[name]);
    if (at !== -1)
      reading.fail(`requests[${at}]`, 'must have the taskType, title and outputDimensionality of the first');
  }
}

function decodeEmbeddings(body: JsonObject, address: RequestAddress): Decoded<EmbeddingsRequest> {
  const reading = new Reading();
  if (exceedsDepth(body)) reading.fail('body', 'is nested too deeply');
  if (reading.problem !== undefined) return reading.problem;
  const model = modelOf(body, address, reading);
  const { wishes, isSingle, isPredict } = readShape(body, reading);
  if (wishes.length === 0) reading.fail('requests', 'must hold at least one');
  else checkAlike(wishes, reading);
  if (reading.problem !== undefined) return reading.problem;
  const [{ task, title, dimensions }] = wishes;
  const value: EmbeddingsRequest = {
    operation: 'embeddings',
    model,
    inputs: wishes.map(({ text }) => text),
    ...(dimensions === undefined ? {} : { dimensions }),
    encoding: 'float',
    ...(task === undefined ? {} : { task }),
    ...(title === undefined ? {} : { title }),
    isSingle,
    ...(isPredict ? { isPredict } : {}),
    rest: reading.leftovers,
  };
  return { ok: true, value };
}

function encodeEmbeddings(response: EmbeddingsResponse, request: EmbeddingsRequest): JsonObject {
  const { vectors, usage } = response;
  if (request.isPredict === true) {
    // Tokens are known of all texts together: told with the only one, or not at all.
    const statistics = usage !== undefined && vectors.length === 1 ? { statistics: { token_count: usage.input } } : {};
    return { predictions: vectors.map((values) => ({ embeddings: { values, ...statistics } })) };
  }
  const metadata =
    usage === undefined ? {} : { usageMetadata: { promptTokenCount: usage.input, totalTokenCount: usage.total } };
  if (request.isSingle) return { embedding: { values: vectors[0] ?? [] }, ...metadata };
  return { embeddings: vectors.map((values) => ({ values })), ...metadata };
}

export const geminiEmbeddingsClient: EmbeddingsClientCodec = {
  decodeRequest: decodeEmbeddings,
  encodeResponse: encodeEmbeddings,
};
