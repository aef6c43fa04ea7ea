// What the events of one chat say.

import { ApiError, errorOf } from './errors.js';
import type { SseEvent } from './sse.js';
import type { WireChat, WireMessage } from './wire.js';

/** Told what happens in a chat. */
export interface AnswerSink {
  chat(chat: WireChat): void;
  /** More of an answer; either text can be empty. */
  delta(messageId: string, text: string, reasoning: string): void;
  completed(message: WireMessage): void;
  tool(message: WireMessage): void;
  suggestion(question: string): void;
}

export type Outcome = 'running' | 'completed' | 'canceled' | 'failed';

/** Follows a chat from event to event. Names that it does not know are skipped. */
export class AnswerReader {
  outcome: Outcome = 'running';
  error: ApiError | undefined;

  constructor(private readonly sink: AnswerSink) {}

  /** Handles an event; returns false if it is the last one. */
  take({ event, data }: SseEvent): boolean {
    switch (event) {
      case 'conversation.message.delta':
        this.delta(parse<WireMessage>(data));
        return true;
      case 'conversation.message.completed':
        this.message(parse<WireMessage>(data));
        return true;
      case 'conversation.chat.created':
      case 'conversation.chat.in_progress':
        this.sink.chat(parse<WireChat>(data));
        return true;
      case 'conversation.chat.completed':
        this.sink.chat(parse<WireChat>(data));
        this.outcome = 'completed';
        return true;
      case 'conversation.chat.canceled':
      case 'conversation.chat.cancelled':
        this.outcome = 'canceled';
        return true;
      case 'conversation.chat.failed':
        this.fail(parse<WireChat>(data));
        return true;
      case 'conversation.chat.requires_action':
      case 'conversation.chat.required_action':
        this.action(parse<WireChat>(data));
        return true;
      case 'error':
      case 'conversation.error':
        this.fail(parse<WireChat>(data));
        return false;
      case 'done':
      case 'conversation.stream.done':
        return false;
      default:
        return true;
    }
  }

  /** Notes the end of the stream: without a last word of the chat it was cut off. */
  end(): void {
    if (this.outcome === 'running') {
      this.outcome = 'failed';
      this.error = new ApiError('interrupted', 'the answer was cut off');
    }
  }

  private delta(message: WireMessage): void {
    if (message.content_type !== 'audio' && (message.content || message.reasoning_content)) {
      this.sink.delta(message.id ?? '', message.content ?? '', message.reasoning_content ?? '');
    }
  }

  private message(message: WireMessage): void {
    switch (message.type) {
      case 'answer':
        this.sink.completed(message);
        break;
      case 'function_call':
      case 'tool_response':
      case 'tool_output':
        this.sink.tool(message);
        break;
      case 'follow_up':
        if (message.content) {
          this.sink.suggestion(message.content);
        }
        break;
      default: // verbose and knowledge are for machines
    }
  }

  private fail(chat: WireChat): void {
    const { code, msg } = chat.last_error?.code ? chat.last_error : chat;
    this.outcome = 'failed';
    this.error = errorOf(Number(code ?? 0) || 0, msg ?? '', '', 0);
  }

  private action(chat: WireChat): void {
    this.sink.chat(chat);
    if ((chat.required_action?.submit_tool_outputs?.tool_calls?.length ?? 0) > 0) {
      this.outcome = 'failed';
      this.error = new ApiError('action', 'the bot waits for a tool that this page does not have');
    } else {
      this.outcome = 'completed'; // a chatflow has asked something
    }
  }
}

function parse<T extends object>(data: string): Partial<T> {
  try {
    const value: unknown = JSON.parse(data);
    return typeof value === 'object' && value !== null ? (value as T) : {};
  } catch {
    return {};
  }
}
