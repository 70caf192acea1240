// Runs the built `layertap` as a user does, with its whole output, its exit code and signals.

import FoundationEssentials
import Glibc

/// The `layertap` that was built together with the tests.
public enum Tool {
  /// The tool's absolute path. The built products are beside the test runner's executable.
  public static let path: String = {
    let runner = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
    return runner.split(separator: "/", omittingEmptySubsequences: false).dropLast()
      .joined(separator: "/") + "/layertap"
  }()

  /// The result of a finished run.
  public struct Outcome: Sendable {
    /// The exit code. If a signal ended the run, it is 128 + the signal's number, as in a shell.
    public let status: Int32
    /// The whole standard output.
    public let output: String
    /// The whole standard error.
    public let errors: String
  }

  /// Runs `layertap` to its end.
  ///
  /// - Parameters:
  ///   - arguments: The arguments after the program's name.
  ///   - folder: The working folder, or nil for the test's own.
  ///   - input: Standard input.
  ///   - environment: Changes to the test's own environment: new values of variables, or nil to remove a variable.
  public static func run(
    _ arguments: [String], in folder: String? = nil, input: String = "",
    environment: [String: String?] = [:]
  ) throws -> Outcome {
    try run(path, arguments, in: folder, input: input, environment: environment)
  }

  /// Runs any program to its end, as in `Tool.run("/bin/bash", ["-c", …])`.
  public static func run(
    _ program: String, _ arguments: [String], in folder: String? = nil, input: String = "",
    environment: [String: String?] = [:]
  ) throws -> Outcome {
    try withTemporaryFolder { streams in
      let running = try RunningTool(
        program, arguments, in: folder, input: input, environment: environment, streams: streams)
      let status = running.wait()
      return Outcome(
        status: status,
        output: try text(streams + "/output"),
        errors: try text(streams + "/errors"))
    }
  }

  /// Starts `layertap`, lets `body` watch or signal it, and returns its outcome once it has ended.
  public static func start(
    _ arguments: [String], in folder: String? = nil, input: String = "",
    environment: [String: String?] = [:], while body: (borrowing RunningTool) throws -> Void
  ) throws -> Outcome {
    try withTemporaryFolder { streams in
      let running = try RunningTool(
        path, arguments, in: folder, input: input, environment: environment, streams: streams)
      do { try body(running) } catch {
        running.signal(SIGKILL)
        _ = running.wait()
        throw error
      }
      let status = running.wait()
      return Outcome(
        status: status,
        output: try text(streams + "/output"),
        errors: try text(streams + "/errors"))
    }
  }

  private static func text(_ path: String) throws -> String {
    String(decoding: try Data(contentsOf: URL(filePath: path)), as: UTF8.self)
  }
}

/// The error of a program that could not be started.
public struct ToolError: Error, CustomStringConvertible {
  public let description: String
}
