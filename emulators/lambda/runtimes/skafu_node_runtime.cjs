// The Node.js runtime: fetches invocations from the Lambda Runtime API and runs the handler.
//
// Started as `node skafu_node_runtime.cjs` with AWS's environment variables set. Error documents
// and log lines have the form of AWS's Node.js runtimes (Lambda Developer Guide, "Building Lambda
// functions with Node.js"). A raw socket instead of node:http keeps start and calls short.
'use strict';

const fs = require('node:fs');
const net = require('node:net');
const path = require('node:path');
const util = require('node:util');

const API = '/2018-06-01/runtime';
const FRAME_MAGIC = Buffer.from([0xa5, 0x5a, 0x00, 0x03]); // never looks like UTF-8 text
const MAX_RESPONSE = 6291556;
const EXIT_UNHANDLED_REJECTION = 128;
const EXIT_UNCAUGHT_EXCEPTION = 129;

/** An error of the runtime's own, with the type that AWS gives it. */
class RuntimeError extends Error {
  constructor(type, message) {
    super(message);
    this.name = type;
  }
}

// ---- The Runtime API ---------------------------------------------------------------------------

/** One kept-alive connection; an answer and the request for the next event leave together. */
class RuntimeApi {
  constructor(address, onEvent) {
    const [host, port] = address.split(':');
    this.address = address;
    this.onEvent = onEvent;
    this.buffer = Buffer.alloc(0);
    this.expected = []; // what the responses to come are: 'event' or 'done'
    this.socket = net.connect({ host, port: Number(port), noDelay: true });
    this.socket.on('data', (chunk) => this.#receive(chunk));
    this.socket.on('close', () => process.exit(0));
    this.socket.on('error', () => process.exit(0));
  }

  next() {
    this.expected.push('event');
    this.socket.ref();
    this.socket.write(`GET ${API}/invocation/next HTTP/1.1\r\nHost: ${this.address}\r\n\r\n`);
  }

  answer(requestId, body, errorType) {
    this.socket.cork();
    this.#post(`/invocation/${requestId}/${errorType ? 'error' : 'response'}`, body, errorType);
    this.next();
    this.socket.uncork();
  }

  /** Reports a fault after which the process ends. */
  last(pathname, body, errorType, exitCode) {
    this.socket.cork();
    this.#post(pathname, body, errorType);
    this.socket.uncork();
    this.onLast = () => process.exit(exitCode);
    this.socket.ref();
  }

  #post(pathname, body, errorType) {
    this.expected.push('done');
    const type = errorType ? `Lambda-Runtime-Function-Error-Type: ${errorType}\r\n` : '';
    this.socket.write(
      `POST ${API}${pathname} HTTP/1.1\r\nHost: ${this.address}\r\n${type}` +
        `Content-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n`);
    this.socket.write(body);
  }

  #receive(chunk) {
    this.buffer = this.buffer.length ? Buffer.concat([this.buffer, chunk]) : chunk;
    for (;;) {
      const end = this.buffer.indexOf('\r\n\r\n');
      if (end < 0) return;
      const headers = {};
      for (const line of this.buffer.toString('utf8', 0, end).split('\r\n').slice(1)) {
        const colon = line.indexOf(':');
        headers[line.slice(0, colon).toLowerCase()] = line.slice(colon + 1).trim();
      }
      const from = end + 4;
      const to = from + Number(headers['content-length'] || 0);
      if (this.buffer.length < to) return;
      const body = this.buffer.subarray(from, to);
      this.buffer = this.buffer.subarray(to);
      if (this.expected.shift() === 'event') this.onEvent(headers, body);
      else if (this.onLast) this.onLast();
    }
  }
}

// ---- Logs --------------------------------------------------------------------------------------

let current = null; // the invocation that is running

/** Writes one log event that may have several lines. */
function writeFrame(text) {
  const data = Buffer.from(text);
  const head = Buffer.alloc(16);
  FRAME_MAGIC.copy(head);
  head.writeUInt32BE(data.length, 4);
  let rest = Buffer.concat([head, data]);
  while (rest.length) {
    try {
      rest = rest.subarray(fs.writeSync(1, rest));
    } catch (error) {
      if (error.code !== 'EAGAIN') throw error;
    }
  }
}

const LEVELS = ['TRACE', 'DEBUG', 'INFO', 'WARN', 'ERROR', 'FATAL'];

function logAs(level, ...values) {
  const time = new Date().toISOString();
  const requestId = current ? current.requestId : undefined;
  if (process.env.AWS_LAMBDA_LOG_FORMAT !== 'JSON') {
    writeFrame(`${time}\t${requestId}\t${level}\t${util.format(...values)}\n`);
    return;
  }
  if (LEVELS.indexOf(level) < LEVELS.indexOf(process.env.AWS_LAMBDA_LOG_LEVEL || 'TRACE')) return;
  const message = values.length === 1 && typeof values[0] === 'object' ? values[0] : util.format(...values);
  writeFrame(JSON.stringify({ timestamp: time, level, requestId, message }));
}

function patchConsole() {
  const methods = { log: 'INFO', info: 'INFO', debug: 'DEBUG', warn: 'WARN', error: 'ERROR', trace: 'TRACE' };
  for (const [method, level] of Object.entries(methods)) {
    console[method] = (...values) => logAs(level, ...values);
  }
}

// ---- Errors ------------------------------------------------------------------------------------

function isError(value) {
  return value instanceof Error || util.types.isNativeError(value);
}

/** AWS's error document for a thrown or rejected value. */
function errorDocument(error) {
  if (!isError(error)) {
    return { errorType: typeof error, errorMessage: String(error), trace: [] };
  }
  return { errorType: error.name, errorMessage: error.message, trace: (error.stack || '').split('\n') };
}

/** What AWS's runtime logs of an error: its own fields too. */
function logDocument(error) {
  if (!isError(error)) return errorDocument(error);
  const { name, message, stack, ...fields } = error;
  return {
    errorType: error.name,
    errorMessage: error.message,
    ...fields,
    stack: (error.stack || '').split('\n'),
  };
}

function logError(title, error) {
  let text;
  try {
    text = JSON.stringify(logDocument(error));
  } catch {
    text = JSON.stringify(errorDocument(error));
  }
  logAs('ERROR', `${title} \t${text}`);
}

function endProcess(title, error, exitCode) {
  logError(title, error);
  const document = errorDocument(error);
  const where = current ? `/invocation/${current.requestId}/error` : '/init/error';
  api.last(where, JSON.stringify(document), document.errorType, exitCode);
}

// ---- The handler -------------------------------------------------------------------------------

/** True where the nearest package.json says that `.js` means an ES module. */
function isModulePackage(file) {
  for (let folder = path.dirname(file); ; folder = path.dirname(folder)) {
    const description = path.join(folder, 'package.json');
    if (fs.existsSync(description)) {
      try {
        return JSON.parse(fs.readFileSync(description, 'utf8')).type === 'module';
      } catch {
        return false;
      }
    }
    if (folder === path.dirname(folder)) return false;
  }
}

async function loadModule(root, name) {
  const base = path.resolve(root, name);
  const file = ['.js', '.mjs', '.cjs'].map((extension) => base + extension).find((each) => fs.existsSync(each));
  if (!file) return require(require.resolve(name, { paths: [root] }));
  if (file.endsWith('.mjs') || (file.endsWith('.js') && isModulePackage(file))) {
    return import(require('node:url').pathToFileURL(file).href);
  }
  return require(file);
}

/** The function that a handler name such as `orders/index.handler` means. */
async function loadHandler(root, handlerName) {
  const base = path.basename(handlerName);
  const match = base.match(/^([^.]*)\.(.+)$/);
  if (!match || handlerName.includes('..')) {
    throw new RuntimeError('Runtime.MalformedHandlerName', 'Bad handler');
  }
  const moduleName = handlerName.slice(0, handlerName.length - base.length) + match[1];
  let found;
  try {
    found = await loadModule(root, moduleName);
  } catch (error) {
    if (error instanceof SyntaxError) {
      throw asFault('Runtime.UserCodeSyntaxError', error);
    }
    if (error && (error.code === 'MODULE_NOT_FOUND' || error.code === 'ERR_MODULE_NOT_FOUND')) {
      throw asFault('Runtime.ImportModuleError', error);
    }
    throw error;
  }
  const parts = match[2].split('.');
  const handler = parts.reduce((value, part) => (value == null ? value : value[part]), found) ||
    parts.reduce((value, part) => (value == null ? value : value[part]), found.default);
  if (!handler) {
    throw new RuntimeError('Runtime.HandlerNotFound', `${handlerName} is undefined or not exported`);
  }
  if (typeof handler !== 'function') {
    throw new RuntimeError('Runtime.HandlerNotFound', `${handlerName} is not a function`);
  }
  return handler;
}

function asFault(type, error) {
  const fault = new RuntimeError(type, `${error.name}: ${error.message}`);
  fault.stack = `${type}: ${error.name}: ${error.message}\n${(error.stack || '').split('\n').slice(1).join('\n')}`;
  return fault;
}

/** The second argument of a handler ("Using the Lambda context object", Node.js). */
function makeContext(invocation) {
  const { headers } = invocation;
  const parse = (text) => (text ? JSON.parse(text) : undefined);
  const deadline = Number(headers['lambda-runtime-deadline-ms']);
  return {
    callbackWaitsForEmptyEventLoop: true,
    functionVersion: process.env.AWS_LAMBDA_FUNCTION_VERSION,
    functionName: process.env.AWS_LAMBDA_FUNCTION_NAME,
    memoryLimitInMB: process.env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE,
    logGroupName: process.env.AWS_LAMBDA_LOG_GROUP_NAME,
    logStreamName: process.env.AWS_LAMBDA_LOG_STREAM_NAME,
    clientContext: parse(headers['lambda-runtime-client-context']),
    identity: parse(headers['lambda-runtime-cognito-identity']),
    invokedFunctionArn: headers['lambda-runtime-invoked-function-arn'],
    awsRequestId: invocation.requestId,
    getRemainingTimeInMillis: () => deadline - Date.now(),
    succeed: (result) => settle(invocation, null, result),
    fail: (error) => settle(invocation, error === undefined || error === null ? 'handled' : error),
    done: (error, result) => settle(invocation, error, result),
  };
}

function settle(invocation, error, result) {
  if (invocation !== current) return; // a late call of an invocation that is over
  current = null;
  if (error !== null && error !== undefined) {
    const wasCurrent = invocation;
    current = wasCurrent;
    logError('Invoke Error', error);
    current = null;
    const document = errorDocument(error);
    api.answer(invocation.requestId, JSON.stringify(document), document.errorType);
    return;
  }
  let body;
  try {
    body = JSON.stringify(result === undefined ? null : result);
    if (body === undefined) body = 'null'; // a function or a symbol
  } catch (cause) {
    current = invocation;
    settle(invocation, new Error(`Unable to stringify response body as json: ${cause.message}`));
    return;
  }
  if (Buffer.byteLength(body) > MAX_RESPONSE) {
    const errorType = 'Function.ResponseSizeTooLarge';
    const errorMessage = `Response payload size exceeded maximum allowed payload size (${MAX_RESPONSE} bytes).`;
    api.answer(invocation.requestId, JSON.stringify({ errorType, errorMessage }), errorType);
    return;
  }
  api.answer(invocation.requestId, body);
}

/** A callback's result waits for the event loop to drain unless the handler said otherwise. */
function makeCallback(invocation) {
  return (error, result) => {
    if (invocation !== current || invocation.pending) return;
    const failed = error !== null && error !== undefined;
    if (failed || invocation.context.callbackWaitsForEmptyEventLoop === false) {
      setImmediate(() => settle(invocation, error, result));
    } else {
      invocation.pending = { result };
    }
  };
}

function onEvent(handler, headers, body) {
  const invocation = { requestId: headers['lambda-runtime-aws-request-id'], headers, pending: null };
  current = invocation;
  process.env._X_AMZN_TRACE_ID = headers['lambda-runtime-trace-id'] || '';
  api.socket.unref(); // so that an empty event loop shows
  try {
    invocation.context = makeContext(invocation);
    const event = JSON.parse(body.toString('utf8'));
    if (handler[STREAMING]) {
      runStreaming(handler, invocation, event);
      return;
    }
    const result = handler(event, invocation.context, makeCallback(invocation));
    if (result && typeof result.then === 'function') {
      result.then((value) => settle(invocation, null, value), (error) =>
        settle(invocation, error === undefined || error === null ? new Error(String(error)) : error));
    }
  } catch (error) {
    settle(invocation, error);
  }
}

// ---- Streamed responses ------------------------------------------------------------------------

const STREAMING = Symbol('streaming');

/** What AWS's runtime offers to handlers that stream: their output is gathered and sent as one. */
globalThis.awslambda = {
  streamifyResponse(handler) {
    handler[STREAMING] = true;
    return handler;
  },
  HttpResponseStream: {
    /** Puts status and headers before the body, as function URLs expect them. */
    from(stream, prelude) {
      stream.write(JSON.stringify(prelude));
      stream.write(Buffer.alloc(8));
      return stream;
    },
  },
};

function runStreaming(handler, invocation, event) {
  const { Writable, finished } = require('node:stream');
  const chunks = [];
  const stream = new Writable({
    write(chunk, encoding, done) {
      chunks.push(Buffer.isBuffer(chunk) ? chunk : Buffer.from(chunk, encoding));
      done();
    },
  });
  stream.setContentType = () => {};
  finished(stream, (error) => {
    if (error) settle(invocation, error);
    else if (invocation === current) {
      current = null;
      api.answer(invocation.requestId, Buffer.concat(chunks));
    }
  });
  Promise.resolve(handler(event, stream, invocation.context)).catch((error) => settle(invocation, error));
}

let api;

async function main() {
  patchConsole();
  process.on('uncaughtException', (error) => endProcess('Uncaught Exception', error, EXIT_UNCAUGHT_EXCEPTION));
  process.on('unhandledRejection', (reason, promise) => {
    const error = new RuntimeError('Runtime.UnhandledPromiseRejection', String(reason));
    error.reason = reason;
    error.promise = promise;
    if (isError(reason)) error.stack = `Runtime.UnhandledPromiseRejection: ${reason.stack}`;
    endProcess('Unhandled Promise Rejection', error, EXIT_UNHANDLED_REJECTION);
  });
  process.on('beforeExit', () => {
    if (current) settle(current, null, current.pending ? current.pending.result : null);
  });
  let handler;
  api = new RuntimeApi(process.env.AWS_LAMBDA_RUNTIME_API, (headers, body) => onEvent(handler, headers, body));
  try {
    handler = await loadHandler(process.env.LAMBDA_TASK_ROOT, process.env._HANDLER);
  } catch (error) {
    endProcess('Uncaught Exception', error, EXIT_UNCAUGHT_EXCEPTION);
    return;
  }
  api.next();
}

main();
