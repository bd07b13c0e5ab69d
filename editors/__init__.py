"""What an editor shows: a language server with diagnostics, and the rewrites as code actions."""
