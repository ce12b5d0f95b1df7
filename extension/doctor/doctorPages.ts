/**
 * The attach doctor's pages: virtual read-only Markdown documents, shown by VS Code's own preview,
 * which brings themes, keyboard and accessibility; as text where that extension is not there.
 */
import * as vscode from 'vscode';
import type { DoctorParams, DoctorReportDto } from '../../native-helper/protocol/doctor.ts';
import { doctorScheme } from '../contributions.ts';
import type { HelperClient } from '../helper/helperClient.ts';
import { doctorMarkdown } from './doctorMarkdown.ts';

const markdownExtension = 'vscode.markdown-language-features';
const previewEditor = 'vscode.markdown.preview.editor';

interface Checked {
  readonly report: DoctorReportDto;
  readonly time: Date;
}

export class DoctorPages implements vscode.TextDocumentContentProvider {
  private readonly helper: HelperClient;
  private readonly changed = new vscode.EventEmitter<vscode.Uri>();
  readonly onDidChange = this.changed.event;
  private readonly registration = vscode.workspace.registerTextDocumentContentProvider(doctorScheme, this);
  private readonly checked = new Map<string, Checked>();
  private lastShown: vscode.Uri | undefined;

  constructor(helper: HelperClient) {
    this.helper = helper;
  }

  /** Checks anew and shows the page. @throws HelperRefusal, HelperGone */
  async show(params: DoctorParams): Promise<void> {
    const uri = pageUri(params);
    await this.check(uri);
    const hasPreview = vscode.extensions.getExtension(markdownExtension) !== undefined;
    await vscode.commands.executeCommand('vscode.openWith', uri, hasPreview ? previewEditor : 'default');
  }

  /** What was checked on the page that is shown now, or was last; undefined when none was. */
  currentParams(): DoctorParams | undefined {
    const uri = this.current();
    return uri && paramsOf(uri);
  }

  /** What that page says. */
  currentReport(): DoctorReportDto | undefined {
    const uri = this.current();
    return uri && this.checked.get(uri.toString())?.report;
  }

  /** Called by VS Code: the newest report, checked now if there is none, as after a reload of the window. */
  async provideTextDocumentContent(uri: vscode.Uri): Promise<string> {
    const { report, time } = this.checked.get(uri.toString()) ?? (await this.check(uri));
    return doctorMarkdown(report, time.toLocaleTimeString());
  }

  dispose(): void {
    this.registration.dispose();
    this.changed.dispose();
  }

  private async check(uri: vscode.Uri): Promise<Checked> {
    const checked = { report: await this.helper.doctor(paramsOf(uri)), time: new Date() };
    this.checked.set(uri.toString(), checked);
    this.lastShown = uri;
    this.changed.fire(uri);
    return checked;
  }

  private current(): vscode.Uri | undefined {
    const input = vscode.window.tabGroups.activeTabGroup.activeTab?.input;
    const isOurs =
      (input instanceof vscode.TabInputCustom || input instanceof vscode.TabInputText) &&
      input.uri.scheme === doctorScheme;
    return isOurs ? input.uri : this.lastShown;
  }
}

function pageUri({ pid }: DoctorParams): vscode.Uri {
  return vscode.Uri.from({
    scheme: doctorScheme,
    path: pid === undefined ? '/Attach Doctor.md' : `/Attach Doctor ${pid}.md`,
    query: pid === undefined ? '' : String(pid),
  });
}

function paramsOf({ query }: vscode.Uri): DoctorParams {
  return query === '' ? {} : { pid: Number(query) };
}
