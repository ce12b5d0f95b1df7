#!/bin/sh
# Runs the desktop VS Code named by UFFD_DESKTOP_VSCODE on a virtual display.
exec xvfb-run --auto-servernum "$UFFD_DESKTOP_VSCODE" "$@"
