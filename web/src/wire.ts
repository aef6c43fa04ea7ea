// The parts of the platform's answers that the widget reads. Nothing is taken for granted: every field may be missing.

export interface Envelope {
  code?: number | string;
  msg?: string;
  message?: string;
  data?: unknown;
  detail?: { logid?: string };
  error?: { logid?: string };
}

export interface WireBot {
  name?: string;
  description?: string;
  icon_url?: string;
  onboarding_info?: {
    prologue?: string;
    Prologue?: string;
    suggested_questions?: string[];
    SuggestedQuestions?: string[];
  };
  shortcut_commands?: WireShortcut[];
}

export interface WireShortcut {
  id?: string;
  name?: string;
  query_template?: string;
  components?: unknown[];
}

export interface WireWorkflow {
  workflow_detail?: { workflow_name?: string; description?: string; icon_url?: string };
}

export interface WireConversation {
  id: string;
  name?: string;
  created_at?: number | string;
  updated_at?: number | string;
  last_section_id?: string;
}

export interface WireMessage {
  id?: string;
  chat_id?: string;
  section_id?: string;
  role?: string;
  type?: string;
  content?: string;
  content_type?: string;
  reasoning_content?: string;
  created_at?: number | string;
}

export interface WirePart {
  type?: string;
  text?: string;
  file_id?: string;
  file_url?: string;
  name?: string;
}

export interface WireChat {
  id?: string;
  conversation_id?: string;
  section_id?: string;
  status?: string;
  last_error?: { code?: number | string; msg?: string } | null;
  code?: number | string;
  msg?: string;
  required_action?: { type?: string; submit_tool_outputs?: { tool_calls?: unknown[] } } | null;
  inserted_additional_messages?: { id?: string }[];
}

export interface WireFile {
  id: string;
  file_name?: string;
}

/** Seconds or milliseconds as a number or text, as Unix milliseconds; 0 if there is no time. */
export function unixMillis(time: number | string | undefined): number {
  const n = Number(time ?? 0);
  if (!Number.isFinite(n)) {
    return 0;
  }
  return n > 1e11 ? n : n * 1000;
}
