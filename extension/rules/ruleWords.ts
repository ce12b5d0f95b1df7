/** A rule in words: what it does, to which faults, and how often it has. Pure: no VS Code. */
import type { PageSource, ServingAction } from '../../native-helper/rules/faultRule.ts';
import type { FilePath, WrittenRule } from '../../native-helper/rules/ruleSchema.ts';
import { formatCondition } from './conditionText.ts';

/** What a rule does, in a few words: `COPY 0x5a, DONTWAKE after 10 ms`. */
export function actionWords({ action, delayMs }: WrittenRule): string {
  const delay = delayMs === 0 ? '' : ` after ${delayMs} ms`;
  switch (action.do) {
    case 'hold':
      return `Hold${delay}`;
    case 'log':
      return `Log${delay}`;
    case 'wake':
      return `Wake without a page${delay}`;
    case 'resolve':
      return `${ioctlWords(action.action)}${pagesWords(action)}${delay}`;
  }
}

/** To which faults: `missing thread=vcpu0, hit % 3`; `every fault` for all. */
export function matchWords({ match }: WrittenRule): string {
  const condition = formatCondition(match);
  const hit = match.hitCondition === undefined ? [] : [`hit ${match.hitCondition}`];
  return [...(condition === '' ? [] : [condition]), ...hit].join(', ') || 'every fault';
}

function ioctlWords(action: ServingAction<FilePath>): string {
  const mode = [
    ...('wp' in action && action.wp ? ['WP'] : []),
    ...('protect' in action ? [action.protect ? 'on' : 'off'] : []),
    ...(action.dontWake ? ['DONTWAKE'] : []),
  ].join(' ');
  const source = action.ioctl === 'copy' ? ` ${sourceWords(action.source)}` : '';
  return `${action.ioctl.toUpperCase()}${source}${mode === '' ? '' : ` ${mode}`}`;
}

function pagesWords({ lengthPages, around }: { lengthPages: number; around: boolean }): string {
  return lengthPages === 1 ? '' : `, ${lengthPages} pages${around ? ' around' : ''}`;
}

function sourceWords(source: PageSource<FilePath>): string {
  switch (source.kind) {
    case 'fill':
      return `0x${source.byte.toString(16).padStart(2, '0')}`;
    case 'pattern':
      return `pattern ${hexStart(source.bytes)}`;
    case 'bytes':
      return `bytes ${hexStart(source.bytes)}`;
    case 'file':
      return `file ${source.file.path} at ${source.offsetBytes}`;
    case 'image':
      return `image ${source.file.path} mapped to ${source.base}`;
    case 'target':
      return `of ${source.address}`;
  }
}

/** The first bytes of a base64 text in hex. */
function hexStart(base64: string): string {
  const bytes = Buffer.from(base64, 'base64');
  const shown = bytes
    .subarray(0, 8)
    .toString('hex')
    .replace(/(..)(?=.)/g, '$1 ');
  return bytes.byteLength > 8 ? `${shown}…` : shown;
}
