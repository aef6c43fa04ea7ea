// The state of the widget: the conversations of the visitor, the messages of the present one, and the chat that runs.

import { isAbort } from './api.js';
import { AnswerReader } from './answer.js';
import { Emitter } from './emitter.js';
import { asApiError, type ApiError } from './errors.js';
import type { Memory } from './memory.js';
import { contentOf, fromHistory, newMessage, toolCallOf, type Attachment, type Message } from './messages.js';
import type { Settings } from './options.js';
import { emptyProfile, questionOf, type Feedback, type Platform, type Profile } from './platform.js';
import type { WireChat, WireConversation, WireMessage, WirePart } from './wire.js';

export interface SessionEvents {
  profile: Profile;
  /** The list is another one. */
  messages: readonly Message[];
  /** Older messages came to the front. */
  older: readonly Message[];
  added: Message;
  changed: Message;
  /** Text came to an answer. */
  delta: { message: Message; text: string };
  removed: Message;
  suggestions: readonly string[];
  conversations: readonly WireConversation[];
  /** Loading, running or ready. */
  phase: Phase;
  /** Something other than an answer went wrong. */
  error: ApiError;
}

export type Phase = 'idle' | 'loading' | 'ready' | 'running';

interface Run {
  readonly abort: AbortController;
  readonly question: Message;
  chatId: string;
  name: string; // of the conversation of an app that it begins
}

export class Session extends Emitter<SessionEvents> {
  profile: Profile = emptyProfile;
  conversations: WireConversation[] = [];
  messages: Message[] = [];
  suggestions: string[] = [];
  conversationId = '';
  hasOlder = false;
  phase: Phase = 'idle';
  private olderThan = '';
  private section = '';
  private run: Run | undefined;
  private loads = 0; // counts changes of the conversation, to drop what comes late

  constructor(
    private readonly platform: Platform,
    private readonly settings: Settings,
    private readonly memory: Memory,
  ) {
    super();
  }

  /** Loads the profile and the newest conversation. Does nothing when it was done. */
  async start(): Promise<void> {
    if (this.phase !== 'idle') {
      return;
    }
    this.setPhase('loading');
    await Promise.all([this.loadProfile(), this.loadConversations()]);
    this.setPhase('ready');
  }

  private async loadProfile(): Promise<void> {
    try {
      this.profile = await this.platform.profile();
    } catch (thrown) {
      // One can chat without; if nothing works, the call for the conversations tells.
      if (asApiError(thrown).kind === 'unpublished') {
        this.emit('error', asApiError(thrown));
      }
    }
    this.emit('profile', this.profile);
  }

  private async loadConversations(): Promise<void> {
    try {
      this.conversations = await this.platform.conversations();
    } catch (thrown) {
      this.emit('error', asApiError(thrown));
      return;
    }
    this.emit('conversations', this.conversations);
    const { target } = this.settings;
    const last = this.memory.conversation;
    const known = this.conversations.find((c) => c.id === last) ??
      (target.type === 'app' ? this.conversations.find((c) => c.name === target.conversationName) : this.conversations[0]);
    if (known !== undefined) {
      await this.open(known.id);
    }
  }

  /** Shows a conversation. */
  async open(id: string): Promise<void> {
    this.leave(id);
    const load = this.loads;
    this.emit('conversations', this.conversations);
    try {
      const page = await this.platform.messages(id, '');
      if (load !== this.loads) {
        return;
      }
      this.messages = fromHistory(page.messages);
      this.hasOlder = page.hasMore;
      this.olderThan = page.lastId;
      this.section = this.messages.at(-1)?.sectionId ?? '';
    } catch (thrown) {
      this.emit('error', asApiError(thrown));
    }
    this.emit('messages', this.messages);
  }

  /** Shows an empty conversation, which is made with its first question. */
  fresh(): void {
    this.leave('');
    this.emit('conversations', this.conversations);
    this.emit('messages', this.messages);
  }

  private leave(next: string): void {
    if (this.run !== undefined) {
      void this.stop();
    }
    this.loads++;
    this.conversationId = next;
    this.memory.conversation = next;
    this.messages = [];
    this.hasOlder = false;
    this.section = '';
    this.suggest([]);
  }

  async loadOlder(): Promise<void> {
    if (!this.hasOlder) {
      return;
    }
    this.hasOlder = false;
    const load = this.loads;
    try {
      const page = await this.platform.messages(this.conversationId, this.olderThan);
      if (load !== this.loads) {
        return;
      }
      const older = fromHistory(page.messages);
      this.messages = [...older, ...this.messages];
      this.hasOlder = page.hasMore && page.messages.length > 0;
      this.olderThan = page.lastId;
      this.emit('older', older);
    } catch (thrown) {
      this.hasOlder = load === this.loads;
      this.emit('error', asApiError(thrown));
    }
  }

  /** Asks. Nothing happens while another chat runs or the history is being loaded. */
  async send(text: string, attachments: Attachment[] = []): Promise<void> {
    if (this.phase === 'running' || this.phase === 'loading') {
      return;
    }
    const question = newMessage('user', { text, attachments, sectionId: this.section });
    this.messages.push(question);
    this.emit('added', question);
    await this.ask(question);
  }

  /** Asks the question of an answer again. The old answer goes, and so do both from the history, as far as they are known there. */
  async retry(answer: Message): Promise<void> {
    const at = this.messages.indexOf(answer);
    const question = this.messages.slice(0, at).findLast((m) => m.role === 'user');
    if (this.phase !== 'ready' || question === undefined) {
      return;
    }
    const gone = this.messages.slice(this.messages.indexOf(question) + 1);
    this.messages = this.messages.filter((m) => !gone.includes(m));
    for (const message of gone) {
      this.emit('removed', message);
    }
    const ids = [question, ...gone].map((m) => m.id).filter((id) => id !== '');
    question.id = '';
    await Promise.allSettled(ids.map((id) => this.platform.deleteMessage(this.conversationId, id)));
    await this.ask(question);
  }

  private async ask(question: Message): Promise<void> {
    this.suggest([]);
    const run: Run = { abort: new AbortController(), question, chatId: '', name: '' };
    this.run = run;
    this.setPhase('running');
    const answer = newMessage('assistant', { status: 'waiting', sectionId: question.sectionId });
    this.messages.push(answer);
    this.emit('added', answer);
    const turn = new Turn(this, run, answer);
    try {
      await this.ensureConversation(run);
      const reader = new AnswerReader(turn);
      const parts: WirePart[] = question.attachments.map((a) => ({ type: a.kind, file_id: a.fileId }));
      const place = { id: this.conversationId, name: run.name };
      await this.platform.chat(place, questionOf(question.text, parts), run.abort.signal, (event) => {
        return !run.abort.signal.aborted && reader.take(event);
      });
      if (!run.abort.signal.aborted) {
        reader.end();
        turn.finish(reader.outcome, reader.error);
      }
    } catch (thrown) {
      if (!isAbort(thrown)) {
        turn.finish('failed', asApiError(thrown));
      }
    } finally {
      if (run.abort.signal.aborted) {
        turn.finish('canceled', undefined);
      }
      if (this.run === run) {
        this.run = undefined;
        this.setPhase('ready');
        this.emit('suggestions', this.suggestions);
      }
    }
  }

  private async ensureConversation(run: Run): Promise<void> {
    if (this.conversationId !== '') {
      return;
    }
    const { target } = this.settings;
    if (target.type === 'app') {
      run.name = this.freeName(target.conversationName);
      return;
    }
    this.enter(await this.platform.createConversation([...run.question.text.trim()].slice(0, 40).join('')));
  }

  /** The name itself, or with a number: conversations of an app that have one name are one. */
  private freeName(name: string): string {
    const taken = new Set(this.conversations.map((c) => c.name));
    let free = name;
    for (let n = 2; taken.has(free); n++) {
      free = `${name} ${n}`;
    }
    return free;
  }

  private enter(conversation: WireConversation): void {
    this.conversationId = conversation.id;
    this.memory.conversation = conversation.id;
    this.conversations = [conversation, ...this.conversations.filter((c) => c.id !== conversation.id)];
    this.emit('conversations', this.conversations);
  }

  /** Ends the chat that runs; what has come of the answer stays. */
  async stop(): Promise<void> {
    const run = this.run;
    if (run === undefined) {
      return;
    }
    const conversationId = this.conversationId;
    this.run = undefined;
    run.abort.abort();
    this.setPhase('ready');
    if (run.chatId !== '') {
      // The platform goes on for nobody unless it is told; that it has just ended is no error.
      await this.platform.cancel(conversationId, run.chatId).catch(() => undefined);
    }
  }

  /** Forgets what was said before, for the bot; the messages stay. */
  async clearContext(): Promise<void> {
    if (this.conversationId === '' || this.messages.length === 0) {
      return;
    }
    await this.stop();
    await this.guard(async () => {
      this.section = await this.platform.clearContext(this.conversationId);
      this.suggest([]);
      this.emit('messages', this.messages);
    });
  }

  /** The section that the next question belongs to. */
  get nextSection(): string {
    return this.section;
  }

  /** Deletes the conversation and shows an empty one. */
  clearMessages(): Promise<void> {
    return this.conversationId === '' ? Promise.resolve() : this.deleteConversation(this.conversationId);
  }

  renameConversation(id: string, name: string): Promise<void> {
    return this.guard(async () => {
      await this.platform.renameConversation(id, name);
      this.conversations = this.conversations.map((c) => (c.id === id ? { ...c, name } : c));
      this.emit('conversations', this.conversations);
    });
  }

  deleteConversation(id: string): Promise<void> {
    return this.guard(async () => {
      if (id === this.conversationId) {
        await this.stop();
      }
      await this.platform.deleteConversation(id);
      this.conversations = this.conversations.filter((c) => c.id !== id);
      if (id === this.conversationId) {
        this.fresh();
      } else {
        this.emit('conversations', this.conversations);
      }
    });
  }

  deleteMessage(message: Message): Promise<void> {
    return this.guard(async () => {
      if (message.id !== '') {
        await this.platform.deleteMessage(this.conversationId, message.id);
      }
      this.messages = this.messages.filter((m) => m !== message);
      this.emit('removed', message);
    });
  }

  rate(message: Message, feedback: Feedback | undefined): Promise<void> {
    return this.guard(async () => {
      await this.platform.rate(this.conversationId, message.id, feedback);
      message.rating = feedback?.type ?? '';
      this.emit('changed', message);
    });
  }

  private async guard(action: () => Promise<void>): Promise<void> {
    try {
      await action();
    } catch (thrown) {
      this.emit('error', asApiError(thrown));
    }
  }

  /** Called by the turn that runs. */
  noteChat(run: Run, chat: WireChat): void {
    run.chatId = chat.id || run.chatId;
    run.question.chatId = run.chatId;
    const questionId = chat.inserted_additional_messages?.at(-1)?.id ?? '';
    if (run.question.id === '' && questionId !== '') {
      run.question.id = questionId;
      this.emit('changed', run.question);
    }
    if (chat.section_id) {
      this.section = chat.section_id;
      run.question.sectionId = chat.section_id;
    }
    if (this.conversationId === '' && chat.conversation_id) {
      this.enter({ id: chat.conversation_id, name: run.name || run.question.text });
    }
  }

  append(message: Message): void {
    this.messages.push(message);
    this.emit('added', message);
  }

  suggest(questions: string[]): void {
    this.suggestions = questions;
    this.emit('suggestions', questions);
  }

  private setPhase(phase: Phase): void {
    this.phase = phase;
    this.emit('phase', phase);
  }
}

/** Turns what a chat says into messages. */
class Turn {
  private readonly answers: Message[];
  private over = false;

  constructor(
    private readonly session: Session,
    private readonly run: Run,
    first: Message,
  ) {
    this.answers = [first];
  }

  chat(chat: WireChat): void {
    this.session.noteChat(this.run, chat);
    for (const answer of this.answers) {
      answer.sectionId = chat.section_id || answer.sectionId;
      answer.chatId = this.run.chatId;
    }
  }

  delta(id: string, text: string, reasoning: string): void {
    const message = this.answer(id);
    message.text += text;
    message.reasoning += reasoning;
    this.session.emit('delta', { message, text });
  }

  completed(wire: WireMessage): void {
    const { text, attachments } = contentOf(wire);
    const message = this.answer(wire.id ?? '');
    message.text = text || message.text;
    message.attachments = attachments;
    message.reasoning = wire.reasoning_content || message.reasoning;
    message.status = 'done';
    this.session.emit('changed', message);
  }

  tool(wire: WireMessage): void {
    const message = this.answers.at(-1);
    if (message === undefined) {
      return;
    }
    const last = message.tools.at(-1);
    if (wire.type === 'function_call') {
      message.tools.push(toolCallOf(wire.content ?? ''));
    } else if (last !== undefined) {
      last.output = wire.content ?? '';
    }
    this.session.emit('changed', message);
  }

  suggestion(question: string): void {
    this.session.suggestions.push(question);
  }

  /** Finds or begins the answer with this id. */
  private answer(id: string): Message {
    const known = this.answers.find((m) => m.id === id);
    if (known !== undefined && (id !== '' || known.status !== 'done')) {
      return this.streaming(known);
    }
    const last = this.answers.at(-1);
    if (last !== undefined && last.status === 'waiting') {
      last.id = id;
      return this.streaming(last);
    }
    const message = newMessage('assistant', {
      id, status: 'streaming', chatId: this.run.chatId, sectionId: this.run.question.sectionId,
    });
    this.answers.push(message);
    this.session.append(message);
    return message;
  }

  private streaming(message: Message): Message {
    if (message.status === 'waiting') {
      message.status = 'streaming';
      this.session.emit('changed', message);
    }
    return message;
  }

  finish(outcome: 'running' | 'completed' | 'canceled' | 'failed', error: ApiError | undefined): void {
    if (this.over) {
      return;
    }
    this.over = true;
    for (const answer of this.answers) {
      if (answer.status === 'waiting' || answer.status === 'streaming') {
        answer.status = outcome === 'failed' ? 'failed' : outcome === 'canceled' ? 'stopped' : 'done';
        answer.error = error;
        this.session.emit('changed', answer);
      }
    }
    const last = this.answers.at(-1);
    if (outcome === 'failed' && last !== undefined && last.status === 'done') {
      last.status = 'failed';
      last.error = error;
      this.session.emit('changed', last);
    }
  }
}
