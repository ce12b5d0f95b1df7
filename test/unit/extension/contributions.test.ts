import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { commandEntries } from '../../../webview/input/keys.ts';
import {
  arrowsViewType,
  Command,
  ContextKey,
  DoctorCommand,
  doctorScheme,
  InspectCommand,
  inspectViewId,
  nativeDebugTypes,
  RuleCommand,
  rulesViewId,
  Setting,
  stripContainerId,
  stripViewId,
  timelineCommand,
  timelineCommands,
  timelineViewType,
  TraceCommand,
  traceExtension,
  traceViewType,
} from '../../../extension/contributions.ts';

const root = path.resolve(import.meta.dirname, '../../..');
const manifestText = readFileSync(path.join(root, 'package.json'), 'utf8');
const manifest = JSON.parse(manifestText) as {
  activationEvents: string[];
  capabilities: { untrustedWorkspaces: { restrictedConfigurations: string[] } };
  contributes: {
    commands: { command: string; category: string; title: string; enablement?: string }[];
    menus: Record<string, { command: string; when: string }[]>;
    views: Record<string, { id: string; type?: string }[]>;
    viewsContainers: Record<string, { id: string }[]>;
    customEditors: { viewType: string; selector: { filenamePattern: string }[]; priority: string }[];
    keybindings: { key: string; command: string; when: string }[];
    configuration: { properties: Record<string, { scope: string; default: unknown; minimum?: number }> };
  };
};
const strings = JSON.parse(readFileSync(path.join(root, 'package.nls.json'), 'utf8')) as Record<
  string,
  string
>;

/** The timeline or a trace file is the active editor. */
const anyTimeline = `${ContextKey.timelineActive} || ${ContextKey.traceActive}`;

describe('the manifest', () => {
  it('contributes exactly the commands of the code', () => {
    assert.deepEqual(
      manifest.contributes.commands.map(({ command }) => command).sort(),
      [
        ...Object.values(Command),
        ...timelineCommands.map(([id]) => id),
        ...Object.values(RuleCommand),
        ...Object.values(InspectCommand),
        ...Object.values(DoctorCommand),
        ...Object.values(TraceCommand),
      ].sort(),
    );
  });

  it('keeps every command enabled, and in the palette but for those of the timeline while that is not active', () => {
    assert.deepEqual(
      manifest.contributes.commands.filter(({ enablement }) => enablement !== undefined),
      [],
    );
    assert.deepEqual(
      manifest.contributes.menus['commandPalette'],
      timelineCommands.map(([command]) => ({ command, when: anyTimeline })),
    );
    assert.deepEqual(
      [...new Set(manifest.contributes.commands.map(({ category }) => category))],
      ['Userfaultfd'],
    );
  });

  it('calls what the timeline does as the page does, and binds its chords', () => {
    assert.deepEqual(
      commandEntries.map(([view]) => strings[`command.${view}`]),
      commandEntries.map(([, { title }]) => title),
    );
    const when = `(${anyTimeline}) && !inputFocus && !listFocus`;
    assert.deepEqual(
      manifest.contributes.keybindings.filter(({ command }) =>
        timelineCommands.some(([id]) => id === command),
      ),
      commandEntries.flatMap(([view, { chord }]) =>
        chord === undefined ? [] : [{ key: chord, command: timelineCommand(view), when }],
      ),
    );
  });

  it('uses only known commands in menus, each with the view it is about', () => {
    const known = new Set<string>([
      ...timelineCommands.map(([id]) => id),
      ...Object.values(Command),
      ...Object.values(RuleCommand),
      ...Object.values(InspectCommand),
      ...Object.values(DoctorCommand),
      ...Object.values(TraceCommand),
    ]);
    const viewCondition = new RegExp(
      `^view == (${stripViewId}|${rulesViewId}( && viewItem == rule)?|${inspectViewId}( && viewItem (==|=~) \\S+)?)$`,
    );
    const counts = [
      ContextKey.sessionCount,
      ContextKey.attachedCount,
      ContextKey.endedCount,
      ContextKey.recordingCount,
    ];
    const menuCondition = new RegExp(
      `^(${ContextKey.timelineActive}( && (${ContextKey.sessionState} == attached|(${counts.join('|')}) > [01]))?|${ContextKey.traceActive}|resourceScheme == ${doctorScheme})$`,
    );
    const conditions: Readonly<Record<string, RegExp>> = {
      'editor/title': menuCondition,
      // What acts on the target is for live sessions only.
      'webview/context': new RegExp(
        `^(webviewId == '${timelineViewType}' && .* && ${ContextKey.sessionState} == attached` +
          `|webviewId =~ /\\^uffd\\\\.\\(timeline\\|trace\\|arrows\\)\\$/ && webviewSection (==|=~) [^ ]+( && (uffdIsMarked|uffdLaneBy (==|!=) (thread|range|code)))?)$`,
      ),
      commandPalette: new RegExp(`^${ContextKey.timelineActive} \\|\\| ${ContextKey.traceActive}$`),
    };
    for (const [menu, items] of Object.entries(manifest.contributes.menus)) {
      for (const { command, when } of items) {
        assert.ok(known.has(command), command);
        assert.match(when, conditions[menu] ?? viewCondition);
      }
    }
  });

  it('has the live strip in a container of the bottom panel', () => {
    const { views, viewsContainers } = manifest.contributes;
    assert.deepEqual(
      viewsContainers['panel']?.map(({ id }) => id),
      [stripContainerId],
    );
    assert.deepEqual(
      views[stripContainerId]?.map(({ id, type }) => [id, type]),
      [[stripViewId, 'webview']],
    );
  });

  it('contributes exactly the settings of the code, and no workspace may choose a program unasked', () => {
    const { properties } = manifest.contributes.configuration;
    assert.deepEqual(Object.keys(properties), Object.values(Setting));
    assert.equal(properties[Setting.helperNodePath]?.scope, 'machine-overridable');
    assert.equal(properties[Setting.helperNodePath]?.default, '');
    assert.equal(properties[Setting.helperElevation]?.scope, 'machine');
    assert.equal(properties[Setting.helperElevation]?.default, 'none');
    assert.deepEqual(
      manifest.capabilities.untrustedWorkspaces.restrictedConfigurations,
      Object.values(Setting).filter((setting) => setting.startsWith('uffd.helper.')),
    );
    assert.equal(properties[Setting.offerInDebugSessions]?.default, true);
    const { default: rows, minimum } = properties[Setting.historyRows]!;
    assert.deepEqual({ rows, minimum }, { rows: 10_000_000, minimum: 100_000 });
  });

  it('opens its own trace files by itself, and other Arrow streams when it is asked to', () => {
    assert.deepEqual(
      manifest.contributes.customEditors.map(({ viewType, selector, priority }) => [
        viewType,
        selector.map(({ filenamePattern }) => filenamePattern),
        priority,
      ]),
      [
        [traceViewType, [`*${traceExtension}`], 'default'],
        [arrowsViewType, ['*.arrows'], 'option'],
      ],
    );
  });

  it('activates for nothing but commands, the restored timeline and debuggers of native programs', () => {
    assert.deepEqual(manifest.activationEvents, [
      `onWebviewPanel:${timelineViewType}`,
      ...nativeDebugTypes.map((type) => `onDebugAdapterProtocolTracker:${type}`),
    ]);
  });

  it('has a text for every key, and no text without one', () => {
    const used = [...manifestText.matchAll(/"%([^%"]+)%"/g)].map((match) => match[1]!);
    assert.deepEqual([...new Set(used)].sort(), Object.keys(strings).sort());
  });

  it('writes command titles without repeating the category', () => {
    for (const { title } of manifest.contributes.commands) {
      const text = strings[title.slice(1, -1)]!;
      assert.ok(!/userfaultfd/i.test(text), text);
    }
  });
});
