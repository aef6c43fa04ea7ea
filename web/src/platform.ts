// The operations of the platform that the widget uses.

import type { Api, Query } from './api.js';
import type { Settings } from './options.js';
import type { SseEvent } from './sse.js';
import type {
  WireBot, WireConversation, WireFile, WireMessage, WirePart, WireShortcut, WireWorkflow,
} from './wire.js';

/** A message as it is sent. */
export interface EnterMessage {
  role: 'user';
  type: 'question';
  content: string;
  content_type: 'text' | 'object_string';
}

/** What the visitor talks to. */
export interface Profile {
  name: string;
  description: string;
  icon: string;
  prologue: string;
  questions: string[];
  shortcuts: { id: string; name: string; query: string }[];
}

export interface MessagePage {
  /** Newest first. */
  messages: WireMessage[];
  hasMore: boolean;
  lastId: string;
}

export interface Feedback {
  type: 'like' | 'unlike';
  reasons: string[];
  comment: string;
}

interface Data<T> { data?: T }

export class Platform {
  constructor(
    private readonly api: Api,
    private readonly settings: Settings,
    private readonly userId: string,
  ) {}

  private get hostId(): string {
    const { target } = this.settings;
    return target.type === 'bot' ? target.botId : target.appId;
  }

  async profile(): Promise<Profile> {
    const { target, connectorId } = this.settings;
    if (target.type === 'app') {
      const path = `/v1/workflows/${encodeURIComponent(target.workflowId)}`;
      const { data } = await this.api.call<Data<WireWorkflow>>({ method: 'GET', path, query: { connector_id: connectorId } });
      const flow = data?.workflow_detail ?? {};
      return { ...emptyProfile, name: flow.workflow_name ?? '', description: flow.description ?? '', icon: flow.icon_url ?? '' };
    }
    const path = `/v1/bots/${encodeURIComponent(target.botId)}`;
    const { data = {} } = await this.api.call<Data<WireBot>>({ method: 'GET', path, query: { connector_id: connectorId } });
    const first = data.onboarding_info ?? {};
    return {
      name: data.name ?? '', description: data.description ?? '', icon: data.icon_url ?? '',
      prologue: first.prologue ?? first.Prologue ?? '',
      questions: first.suggested_questions ?? first.SuggestedQuestions ?? [],
      shortcuts: (data.shortcut_commands ?? []).flatMap(plainShortcut),
    };
  }

  async conversations(): Promise<WireConversation[]> {
    const query: Query = { bot_id: this.hostId, connector_id: this.settings.connectorId, page_num: 1, page_size: 50, sort_order: 'DESC' };
    const { data } = await this.api.call<Data<{ conversations?: WireConversation[] }>>({ method: 'GET', path: '/v1/conversations', query });
    return data?.conversations ?? [];
  }

  /** Makes a conversation of a bot. Those of an app are made by their first chat. */
  async createConversation(name: string): Promise<WireConversation> {
    const body = { bot_id: this.hostId, connector_id: this.settings.connectorId, ...(name === '' ? {} : { name }) };
    const { data } = await this.api.call<{ data: WireConversation }>({ method: 'POST', path: '/v1/conversation/create', body });
    return data;
  }

  async renameConversation(id: string, name: string): Promise<void> {
    await this.api.call({ method: 'PUT', path: conversationPath(id), body: { name } });
  }

  async deleteConversation(id: string): Promise<void> {
    await this.api.call({ method: 'DELETE', path: conversationPath(id) });
  }

  /** Begins a new section, whose chats do not know what was said before; returns its id. */
  async clearContext(id: string): Promise<string> {
    const { data } = await this.api.call<Data<{ id?: string }>>({ method: 'POST', path: `${conversationPath(id)}/clear`, body: {} });
    return data?.id ?? '';
  }

  async messages(conversationId: string, after: string): Promise<MessagePage> {
    const { data, has_more, last_id } = await this.api.call<{ data?: WireMessage[]; has_more?: boolean; last_id?: string }>({
      method: 'POST', path: '/v1/conversation/message/list', query: { conversation_id: conversationId },
      body: { order: 'desc', limit: 50, ...(after === '' ? {} : { after_id: after }) },
    });
    return { messages: data ?? [], hasMore: has_more ?? false, lastId: last_id ?? '' };
  }

  async deleteMessage(conversationId: string, messageId: string): Promise<void> {
    const query = { conversation_id: conversationId, message_id: messageId };
    await this.api.call({ method: 'POST', path: '/v1/conversation/message/delete', query });
  }

  /**
   * Asks, and hands on the events of the answer. The place is the id of a conversation, or the name of one of an app, which is made
   * if there is none.
   */
  chat(
    { id, name }: { id: string; name: string }, messages: EnterMessage[], signal: AbortSignal, take: (event: SseEvent) => boolean,
  ): Promise<void> {
    const { target, connectorId, extra } = this.settings;
    const pairs = Object.keys(extra).length > 0 ? extra : undefined;
    if (target.type === 'app') {
      const body = {
        app_id: target.appId, workflow_id: target.workflowId, additional_messages: messages, connector_id: connectorId,
        parameters: { CONVERSATION_NAME: name || target.conversationName, ...target.parameters },
        ...(id === '' ? {} : { conversation_id: id }),
        ...(target.version === '' ? {} : { app_version: target.version }),
        ext: { user_id: this.userId, ...pairs },
      };
      return this.api.stream({ method: 'POST', path: '/v1/workflows/chat', body, signal }, take);
    }
    const body = {
      bot_id: target.botId, user_id: this.userId, additional_messages: messages, stream: true, auto_save_history: true,
      connector_id: connectorId, meta_data: pairs,
      ...(Object.keys(target.parameters).length > 0 ? { parameters: target.parameters } : {}),
    };
    return this.api.stream({ method: 'POST', path: '/v3/chat', query: { conversation_id: id }, body, signal }, take);
  }

  async cancel(conversationId: string, chatId: string): Promise<void> {
    const body = { conversation_id: conversationId, chat_id: chatId };
    await this.api.call({ method: 'POST', path: '/v3/chat/cancel', body });
  }

  async rate(conversationId: string, messageId: string, feedback: Feedback | undefined): Promise<void> {
    const path = `${conversationPath(conversationId)}/messages/${encodeURIComponent(messageId)}/feedback`;
    if (feedback === undefined) {
      await this.api.call({ method: 'DELETE', path });
      return;
    }
    const { type, reasons, comment } = feedback;
    const body = {
      feedback_type: type,
      ...(reasons.length > 0 ? { reason_types: reasons.slice(0, 10).map((r) => [...r].slice(0, 30).join('')) } : {}),
      ...(comment === '' ? {} : { comment: [...comment].slice(0, 250).join('') }),
    };
    await this.api.call({ method: 'POST', path, body });
  }

  async upload(file: File, progress: (part: number) => void, signal: AbortSignal): Promise<string> {
    const { data } = await this.api.upload<{ data: WireFile }>('/v1/files/upload', file, file.name, progress, signal);
    return data.id;
  }

  async transcribe(recording: Blob, name: string, signal: AbortSignal): Promise<string> {
    const none = (): void => undefined;
    const { data } = await this.api.upload<Data<{ text?: string }>>('/v1/audio/transcriptions', recording, name, none, signal);
    return data?.text ?? '';
  }
}

/** The profile of something unknown. */
export const emptyProfile: Profile = { name: '', description: '', icon: '', prologue: '', questions: [], shortcuts: [] };

/** The messages that ask a question about files. */
export function questionOf(text: string, parts: WirePart[]): EnterMessage[] {
  if (parts.length === 0) {
    return [{ role: 'user', type: 'question', content: text, content_type: 'text' }];
  }
  const all: WirePart[] = [...parts, { type: 'text', text }];
  return [{ role: 'user', type: 'question', content: JSON.stringify(all), content_type: 'object_string' }];
}

function conversationPath(id: string): string {
  return `/v1/conversations/${encodeURIComponent(id)}`;
}

/** A command that needs no form: its template is a question as it is. */
function plainShortcut({ id, name, query_template: query, components }: WireShortcut): Profile['shortcuts'] {
  if (!id || !name || !query || query.includes('{{') || (components?.length ?? 0) > 0) {
    return [];
  }
  return [{ id, name, query }];
}
