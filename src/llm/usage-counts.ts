// The counts of one usage object by the names that the wires give them, and how they become one Usage (usage.ts): what a wire
// counts beside the whole is brought under it. Filled by usage-facts.ts, which reads the bytes.
import { standsAt } from './json-scan.ts';
import type { Usage } from './usage.ts';

const PROMPT_TOKENS = Buffer.from('prompt_tokens');
const INPUT_TOKENS = Buffer.from('input_tokens');
const COMPLETION_TOKENS = Buffer.from('completion_tokens');
const OUTPUT_TOKENS = Buffer.from('output_tokens');
const TOTAL_TOKENS = Buffer.from('total_tokens');
const CACHED_TOKENS = Buffer.from('cached_tokens');
const REASONING_TOKENS = Buffer.from('reasoning_tokens');
/** Of the input or of the output, as the object says that it stands in. */
const AUDIO_TOKENS = Buffer.from('audio_tokens');
const CACHE_WRITE_TOKENS = Buffer.from('cache_write_tokens');
/** DeepSeek's spelling, beside the usual counts. */
const CACHE_HIT_TOKENS = Buffer.from('prompt_cache_hit_tokens');
/** Anthropic's: counted beside `input_tokens`, not in it. */
const CACHE_READ = Buffer.from('cache_read_input_tokens');
const CACHE_CREATION = Buffer.from('cache_creation_input_tokens');
const CREATION_5M = Buffer.from('ephemeral_5m_input_tokens');
const CREATION_1H = Buffer.from('ephemeral_1h_input_tokens');
const THINKING_TOKENS = Buffer.from('thinking_tokens');
/** Gemini's: thoughts and what tools put in are counted beside the other two. */
const PROMPT_COUNT = Buffer.from('promptTokenCount');
const TOOL_USE_COUNT = Buffer.from('toolUsePromptTokenCount');
const CANDIDATES_COUNT = Buffer.from('candidatesTokenCount');
const THOUGHTS_COUNT = Buffer.from('thoughtsTokenCount');
const TOTAL_COUNT = Buffer.from('totalTokenCount');
const CACHED_COUNT = Buffer.from('cachedContentTokenCount');

type Counts = { -readonly [K in keyof Usage]: number };

/** -1 = not seen. Reusable through `reset`. */
export class UsageCounts {
  /** The value read last. */
  value = 0;
  /** Counts of before stay where null is told. */
  isLater = false;
  /** The details being read are those of the output. */
  isOfOutput = false;
  audioInput = -1;
  audioOutput = -1;
  private input = -1;
  private output = -1;
  private total = -1;
  private cached = -1;
  private reasoning = -1;
  private cacheWrite = -1;
  private besideRead = -1;
  private besideCreation = -1;
  private creation5m = -1;
  private creation1h = -1;
  private besideInput = 0;
  private besideOutput = 0;
  /** `prompt_tokens` is the whole input, whatever stands beside it: proxies write both spellings. */
  private isWholeInput = false;
  /** Some count was told that is neither of these five. */
  private isRare = false;

  /** hot: what most wires never tell is cleared only after an answer that told it. */
  reset(): void {
    this.isLater = false;
    this.input = -1;
    this.output = -1;
    this.total = -1;
    this.cached = -1;
    this.reasoning = -1;
    this.isWholeInput = false;
    if (this.isRare) this.resetRare();
  }

  private resetRare(): void {
    this.isRare = false;
    this.cacheWrite = -1;
    this.audioInput = -1;
    this.audioOutput = -1;
    this.besideRead = -1;
    this.besideCreation = -1;
    this.creation5m = -1;
    this.creation1h = -1;
    this.besideInput = 0;
    this.besideOutput = 0;
  }

  /** Begins with the counts told before, in Anthropic's spelling: what is not told again stays. */
  resume(usage: Usage): void {
    this.reset();
    this.isLater = true;
    this.isRare = true;
    this.input = usage.input - usage.cachedInput - usage.cacheWrite;
    this.output = usage.output;
    this.reasoning = usage.reasoning;
    this.besideRead = usage.cachedInput;
    this.besideCreation = usage.cacheWrite;
    this.creation1h = usage.cacheWrite1h;
  }

  get hasAny(): boolean {
    return this.input >= 0 || this.output >= 0 || this.total >= 0;
  }

  /** Takes a count at the top of the usage object. The names are told apart by length first: they share few. */
  takeWhole(bytes: Uint8Array, at: number, length: number): void {
    if (length === 13) {
      if (standsAt(bytes, at, PROMPT_TOKENS)) {
        this.input = this.value;
        this.isWholeInput = true;
      } else if (standsAt(bytes, at, OUTPUT_TOKENS)) this.output = this.value;
    } else if (length === 17) {
      if (standsAt(bytes, at, COMPLETION_TOKENS)) this.output = this.value;
    } else if (length === 12) {
      if (standsAt(bytes, at, TOTAL_TOKENS)) this.total = this.value;
      else if (standsAt(bytes, at, INPUT_TOKENS)) this.input = this.value;
    } else if (length >= 15) this.takeLongName(bytes, at, length);
  }

  private takeLongName(bytes: Uint8Array, at: number, length: number): void {
    const { value } = this;
    this.isRare = true;
    if (length === 23) this.takeOfLength23(bytes, at);
    else if (length === 27) {
      if (standsAt(bytes, at, CACHE_CREATION)) this.besideCreation = value;
    } else if (length === 16) {
      if (standsAt(bytes, at, PROMPT_COUNT)) this.input = value;
      else if (this.reasoning <= 0 && standsAt(bytes, at, REASONING_TOKENS)) this.reasoning = value;
    } else if (length === 20) {
      if (standsAt(bytes, at, CANDIDATES_COUNT)) this.output = value;
    } else if (length === 18) {
      if (standsAt(bytes, at, THOUGHTS_COUNT)) this.besideOutput = value;
    } else if (length === 15 && standsAt(bytes, at, TOTAL_COUNT)) this.total = value;
  }

  private takeOfLength23(bytes: Uint8Array, at: number): void {
    const { value } = this;
    if (standsAt(bytes, at, CACHE_HIT_TOKENS)) {
      if (this.cached <= 0) this.cached = value;
    } else if (standsAt(bytes, at, CACHE_READ)) this.besideRead = value;
    else if (standsAt(bytes, at, CACHED_COUNT)) this.cached = value;
    else if (standsAt(bytes, at, TOOL_USE_COUNT)) this.besideInput = value;
  }

  /** Takes a count one level down, in `prompt_tokens_details` and the like: a name means the same in all of them. */
  takeDetail(bytes: Uint8Array, at: number, length: number): void {
    const { value } = this;
    if (value === 0) return;
    if (length === 13) {
      if (standsAt(bytes, at, CACHED_TOKENS)) this.cached = value;
    } else if (length === 16) {
      if (standsAt(bytes, at, REASONING_TOKENS)) this.reasoning = value;
    } else if (length === 12) {
      if (standsAt(bytes, at, AUDIO_TOKENS)) this.takeAudio(value);
    } else this.takeRareDetail(bytes, at, length);
  }

  private takeRareDetail(bytes: Uint8Array, at: number, length: number): void {
    const { value } = this;
    this.isRare = true;
    if (length === 18) {
      if (standsAt(bytes, at, CACHE_WRITE_TOKENS)) this.cacheWrite = value;
    } else if (length === 25) {
      if (standsAt(bytes, at, CREATION_5M)) this.creation5m = value;
      else if (standsAt(bytes, at, CREATION_1H)) this.creation1h = value;
    } else if (length === 15 && standsAt(bytes, at, THINKING_TOKENS)) this.reasoning = value;
  }

  takeAudio(tokens: number): void {
    this.isRare = true;
    if (this.isOfOutput) this.audioOutput = tokens;
    else this.audioInput = tokens;
  }

  /** Writes what was seen as one whole with its parts. A missing total is the sum. */
  normalise(usage: Counts): void {
    usage.input = Math.max(0, this.input);
    usage.output = Math.max(0, this.output);
    usage.cachedInput = Math.max(0, this.cached);
    usage.reasoning = Math.max(0, this.reasoning);
    usage.cacheWrite = 0;
    usage.cacheWrite1h = 0;
    usage.audioInput = 0;
    usage.audioOutput = 0;
    if (this.isRare) this.normaliseRare(usage);
    // Some (xAI) count thoughts beside the answer instead of in it: then only the sum of all three is the total.
    if (this.reasoning > 0 && this.total === usage.input + usage.output + this.reasoning)
      usage.output += this.reasoning;
    usage.total = this.total >= 0 ? this.total : usage.input + usage.output;
  }

  private normaliseRare(usage: Counts): void {
    const read = Math.max(0, this.besideRead);
    const creation =
      this.besideCreation >= 0 ? this.besideCreation : Math.max(0, this.creation5m) + Math.max(0, this.creation1h);
    if (!this.isWholeInput) usage.input += read + creation + this.besideInput;
    usage.output += this.besideOutput;
    usage.cachedInput = Math.max(usage.cachedInput, read);
    usage.reasoning = Math.max(usage.reasoning, this.besideOutput);
    usage.cacheWrite = Math.max(0, this.cacheWrite, creation);
    usage.cacheWrite1h = Math.max(0, Math.min(this.creation1h, usage.cacheWrite));
    usage.audioInput = Math.max(0, this.audioInput);
    usage.audioOutput = Math.max(0, this.audioOutput);
  }
}
