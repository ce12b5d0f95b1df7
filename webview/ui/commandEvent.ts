/** A button inside the page that asks for what a key or a command of the palette does too. */
import { type ViewCommand } from '../viewCommands.ts';

export class CommandEvent extends Event {
  static readonly type = 'uffd-command';
  readonly command: ViewCommand;

  constructor(command: ViewCommand) {
    super(CommandEvent.type, { bubbles: true, composed: true });
    this.command = command;
  }
}

/** Asks the page for a command. */
export function askFor(element: HTMLElement, command: ViewCommand): void {
  element.dispatchEvent(new CommandEvent(command));
}
