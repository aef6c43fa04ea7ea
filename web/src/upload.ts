// Uploads with progress, which fetch cannot tell.

export interface FormAnswer {
  text: string;
  status: number;
  logId: string;
}

export interface FormOptions {
  token: string;
  credentials: RequestCredentials;
  /** Told how much has been sent, from 0 to 1. */
  progress: (part: number) => void;
  signal: AbortSignal;
}

/** Posts a form with one part, "file". Rejects with an AbortError when the signal ends it, with a TypeError when there is no answer. */
export function postForm(url: string, file: Blob, name: string, options: FormOptions): Promise<FormAnswer> {
  const { token, credentials, progress, signal } = options;
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    const abort = (): void => request.abort();
    request.open('POST', url);
    request.withCredentials = credentials === 'include';
    if (token !== '') {
      request.setRequestHeader('Authorization', `Bearer ${token}`);
    }
    request.upload.onprogress = (event) => {
      if (event.lengthComputable && event.total > 0) {
        progress(event.loaded / event.total);
      }
    };
    request.onload = () =>
      resolve({ text: request.responseText, status: request.status, logId: request.getResponseHeader('x-tt-logid') ?? '' });
    request.onerror = () => reject(new TypeError('the upload got no answer'));
    request.onabort = () => reject(new DOMException('the upload was stopped', 'AbortError'));
    request.onloadend = () => signal.removeEventListener('abort', abort);
    if (signal.aborted) {
      reject(new DOMException('the upload was stopped', 'AbortError'));
      return;
    }
    signal.addEventListener('abort', abort);
    const form = new FormData();
    form.append('file', file, name);
    request.send(form);
  });
}
