"""Says what the matrix asks with the official Python clients: one JSON request per line in, one JSON answer per line out."""

import base64
import json
import sys

API_KEY = "sk-client-5e0d"
CITY = {
    "type": "object",
    "properties": {"city": {"type": "string"}},
    "required": ["city"],
    "additionalProperties": False,
}


def dump(model):
    return json.loads(model.model_dump_json(exclude_none=True, by_alias=True))


def reply(text, pieces, calls, finish, usage, turn):
    return {
        "text": text,
        "pieces": pieces,
        "calls": [{"id": id or "", "name": name, "input": value} for id, name, value in calls],
        "finish": finish,
        "input": usage[0],
        "output": usage[1],
        "turn": turn,
    }


class OpenAIClient:
    def __init__(self, url):
        import openai

        self.base = openai.OpenAI(api_key=API_KEY, base_url=url + "/v1", max_retries=0)

    def send_with(self, headers):
        self.client = self.base.with_options(default_headers=headers)

    def params(self, ask):
        content = ask["prompt"]
        if ask.get("image"):
            image = {"type": "image_url", "image_url": {"url": "data:image/png;base64," + ask["image"]}}
            content = [{"type": "text", "text": content}, image]
        messages = [{"role": "user", "content": content}]
        if ask.get("system"):
            messages.insert(0, {"role": "system", "content": ask["system"]})
        after = ask.get("after")
        if after:
            messages.append(after["reply"]["turn"])
            for call, result in zip(after["reply"]["calls"], after["results"]):
                messages.append({"role": "tool", "tool_call_id": call["id"], "content": result})
        params = {"model": ask["model"], "messages": messages}
        if ask.get("tools"):
            functions = [{"name": name, "parameters": CITY} for name in ask["tools"]]
            params["tools"] = [{"type": "function", "function": function} for function in functions]
        if ask.get("isShaped"):
            schema = {"name": "city", "strict": True, "schema": CITY}
            params["response_format"] = {"type": "json_schema", "json_schema": schema}
        return params

    def to_reply(self, completion, pieces):
        choice = completion.choices[0]
        calls = [
            (call.id, call.function.name, json.loads(call.function.arguments))
            for call in choice.message.tool_calls or []
        ]
        usage = completion.usage
        counts = (usage.prompt_tokens, usage.completion_tokens) if usage else (None, None)
        turn = dump(choice.message)
        for call in turn.get("tool_calls", []):
            call.pop("index", None)
            call["function"].pop("parsed_arguments", None)
        turn.pop("parsed", None)
        return reply(choice.message.content or "", pieces, calls, choice.finish_reason, counts, turn)

    def say(self, ask):
        return self.to_reply(self.client.chat.completions.create(**self.params(ask)), 0)

    def stream(self, ask):
        pieces = 0
        params = {**self.params(ask), "stream_options": {"include_usage": True}}
        with self.client.chat.completions.stream(**params) as stream:
            for event in stream:
                if event.type in ("content.delta", "tool_calls.function.arguments.delta"):
                    pieces += 1
            return self.to_reply(stream.get_final_completion(), pieces)

    def embed(self, model, texts):
        return [item.embedding for item in self.client.embeddings.create(model=model, input=texts).data]

    def leave(self, ask):
        with self.client.chat.completions.create(**self.params(ask), stream=True) as stream:
            for chunk in stream:
                if chunk.choices and chunk.choices[0].delta.content:
                    break


class AnthropicClient:
    def __init__(self, url):
        import anthropic

        self.base = anthropic.Anthropic(api_key=API_KEY, base_url=url, max_retries=0)

    def send_with(self, headers):
        self.client = self.base.with_options(default_headers=headers)

    def params(self, ask):
        content = ask["prompt"]
        if ask.get("image"):
            source = {"type": "base64", "media_type": "image/png", "data": ask["image"]}
            content = [{"type": "text", "text": content}, {"type": "image", "source": source}]
        messages = [{"role": "user", "content": content}]
        after = ask.get("after")
        if after:
            messages.append({"role": "assistant", "content": after["reply"]["turn"]})
            results = [
                {"type": "tool_result", "tool_use_id": call["id"], "content": result}
                for call, result in zip(after["reply"]["calls"], after["results"])
            ]
            messages.append({"role": "user", "content": results})
        params = {"model": ask["model"], "max_tokens": 1000, "messages": messages}
        if ask.get("system"):
            params["system"] = ask["system"]
        if ask.get("tools"):
            params["tools"] = [{"name": name, "input_schema": CITY} for name in ask["tools"]]
        if ask.get("isShaped"):
            params["output_config"] = {"format": {"type": "json_schema", "schema": CITY}}
        return params

    def to_reply(self, message, pieces):
        text = "".join(block.text for block in message.content if block.type == "text")
        calls = [(block.id, block.name, block.input) for block in message.content if block.type == "tool_use"]
        counts = (message.usage.input_tokens, message.usage.output_tokens)
        known = {"text": ("type", "text"), "tool_use": ("type", "id", "name", "input")}
        blocks = [dump(block) for block in message.content]
        turn = [{key: block[key] for key in known.get(block["type"], block)} for block in blocks]
        return reply(text, pieces, calls, message.stop_reason, counts, turn)

    def say(self, ask):
        return self.to_reply(self.client.messages.create(**self.params(ask)), 0)

    def stream(self, ask):
        pieces = 0
        with self.client.messages.stream(**self.params(ask)) as stream:
            for event in stream:
                if event.type == "content_block_delta":
                    pieces += 1
            return self.to_reply(stream.get_final_message(), pieces)

    def leave(self, ask):
        with self.client.messages.create(**self.params(ask), stream=True) as stream:
            for event in stream:
                if event.type == "content_block_delta":
                    break


class GoogleClient:
    def __init__(self, url):
        from google import genai
        from google.genai import types

        self.types = types
        options = types.HttpOptions(base_url=url, api_version="v1beta")
        self.client = genai.Client(api_key=API_KEY, http_options=options)

    def send_with(self, headers):
        self.options = {"headers": headers}

    def params(self, ask):
        parts = [{"text": ask["prompt"]}]
        if ask.get("image"):
            parts.append({"inline_data": {"mime_type": "image/png", "data": base64.b64decode(ask["image"])}})
        contents = [{"role": "user", "parts": parts}]
        after = ask.get("after")
        if after:
            turn = [self.types.Part.model_validate_json(json.dumps(part)) for part in after["reply"]["turn"]]
            contents.append(self.types.Content(role="model", parts=turn))
            results = []
            for call, result in zip(after["reply"]["calls"], after["results"]):
                response = {"name": call["name"], "response": {"output": result}}
                if call["id"]:
                    response["id"] = call["id"]
                results.append({"function_response": response})
            contents.append({"role": "user", "parts": results})
        config = {"http_options": self.options}
        if ask.get("system"):
            config["system_instruction"] = ask["system"]
        if ask.get("tools"):
            functions = [{"name": name, "parameters_json_schema": CITY} for name in ask["tools"]]
            config["tools"] = [{"function_declarations": functions}]
        if ask.get("isShaped"):
            config["response_mime_type"] = "application/json"
            config["response_json_schema"] = CITY
        return {"model": ask["model"], "contents": contents, "config": config}

    def to_reply(self, responses):
        parts = []
        for response in responses:
            for candidate in response.candidates or []:
                parts.extend((candidate.content and candidate.content.parts) or [])
        usage = responses[-1].usage_metadata
        counts = (None, None)
        if usage:
            output = (usage.candidates_token_count or 0) + (usage.thoughts_token_count or 0)
            counts = (usage.prompt_token_count, output)
        calls = [
            (part.function_call.id, part.function_call.name, part.function_call.args)
            for part in parts
            if part.function_call
        ]
        text = "".join(part.text or "" for part in parts)
        pieces = len([part for part in parts if part.text or part.function_call])
        finish = str(responses[-1].candidates[0].finish_reason) if responses[-1].candidates else ""
        turn = [dump(part) for part in parts if part.text != ""]
        return reply(text, pieces, calls, finish, counts, turn)

    def say(self, ask):
        return self.to_reply([self.client.models.generate_content(**self.params(ask))])

    def stream(self, ask):
        return self.to_reply(list(self.client.models.generate_content_stream(**self.params(ask))))

    def embed(self, model, texts):
        config = {"http_options": self.options}
        told = self.client.models.embed_content(model=model, contents=texts, config=config)
        return [item.values for item in told.embeddings]

    def leave(self, ask):
        stream = self.client.models.generate_content_stream(**self.params(ask))
        for chunk in stream:
            if chunk.text:
                break
        stream.close()


CLIENTS = {"openai": OpenAIClient, "anthropic": AnthropicClient, "google-genai": GoogleClient}


# Made once each: building a client takes longer than asking it.
opened = {}


def answer(request):
    key = (request["client"], request["url"])
    if key not in opened:
        opened[key] = CLIENTS[request["client"]](request["url"])
    client = opened[key]
    client.send_with(request["headers"])
    if request["verb"] == "embed":
        return client.embed(request["model"], request["texts"])
    return getattr(client, request["verb"])(request["ask"])


def main():
    for line in sys.stdin:
        try:
            told = {"value": answer(json.loads(line))}
        except Exception as error:  # whatever a client raises is what the test asks about
            status = getattr(error, "status_code", None) or getattr(error, "code", None)
            told = {"error": {"status": status, "message": f"{type(error).__name__}: {error}"}}
        print(json.dumps(told), flush=True)


main()
