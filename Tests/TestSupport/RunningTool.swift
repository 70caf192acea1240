// A child process between its start and its end. Its streams are files, not pipes, so that it cannot block on a full
// pipe, and that output from before a kill is kept.

import FoundationEssentials
import Glibc

/// A started program.
public struct RunningTool: ~Copyable {
  /// The process id.
  public let processID: pid_t

  init(
    _ program: String, _ arguments: [String], in folder: String?, input: String,
    environment: [String: String?], streams: String
  ) throws {
    try Data(input.utf8).write(to: URL(filePath: streams + "/input"))
    var variables = ProcessInfo.processInfo.environment
    for (name, value) in environment { variables[name] = value }

    var actions = unsafe posix_spawn_file_actions_t()
    unsafe posix_spawn_file_actions_init(&actions)
    defer { unsafe posix_spawn_file_actions_destroy(&actions) }
    unsafe posix_spawn_file_actions_addopen(&actions, 0, streams + "/input", O_RDONLY, 0)
    let create = O_WRONLY | O_CREAT | O_TRUNC
    unsafe posix_spawn_file_actions_addopen(&actions, 1, streams + "/output", create, 0o600)
    unsafe posix_spawn_file_actions_addopen(&actions, 2, streams + "/errors", create, 0o600)

    // The Glibc module lacks posix_spawn's function that changes the working folder, so env(1) changes it.
    let command =
      folder.map { ["/usr/bin/env", "-C", $0, program] + arguments } ?? [program] + arguments
    var argv = unsafe command.map { unsafe strdup($0) } + [nil]
    var envp = unsafe variables.map { unsafe strdup("\($0.key)=\($0.value)") } + [nil]
    let copies = unsafe argv + envp
    defer { for index in unsafe copies.indices { unsafe free(copies[index]) } }
    var child: pid_t = 0
    let result = unsafe posix_spawn(&child, command[0], &actions, nil, &argv, &envp)
    guard result == 0 else {
      throw ToolError(description: "\(program) could not be started: errno \(result)")
    }
    processID = child
  }

  /// Sends a signal, such as `SIGKILL` or `SIGINT`.
  public func signal(_ number: Int32) { _ = kill(processID, number) }

  /// The largest anonymous memory of the program until it ends, in bytes, measured every half millisecond.
  public func peakAnonymousMemory() -> Int {
    var most = 0
    while let status = try? String(contentsOfFile: "/proc/\(processID)/status", encoding: .utf8),
      let line = status.split(separator: "\n").first(where: { $0.hasPrefix("RssAnon") })
    {
      most = max(most, (Int(line.filter(\.isNumber)) ?? 0) * 1024)
      usleep(500)
    }
    return most
  }

  /// Waits until the program has ended. Returns its exit code, or 128 + the number of the signal that ended it.
  func wait() -> Int32 {
    var status: Int32 = 0
    while unsafe waitpid(processID, &status, 0) == -1 && errno == EINTR {}
    let signal = status & 0x7f
    return signal == 0 ? (status >> 8) & 0xff : 128 + signal
  }
}
