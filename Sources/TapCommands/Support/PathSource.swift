// The paths for `predict` and `classify`: from the arguments, or from standard input until it ends.

import LayerTap
import Synchronization
import TapFileSystem
import TapSettings

/// Gives paths in order, one at a time.
final class PathSource: Sendable {
  static let images = Parameter<[String]>.positionals(
    "images", .file,
    help: "Image files and folders of them; '-' reads paths from standard input, one a line.")

  /// The images of a command that does not read paths from standard input.
  static let listedImages = Parameter<[String]>.positionals(
    "images", .file, help: "Image files and folders of them.")

  static let null = Parameter<Bool>.flag(
    "null", topic: .data, help: "Paths on standard input end with a zero byte instead of a line feed.")

  private struct State {
    var lines = InputLines()
    var listed: [String] = []
    var next = 0
    var failure: FileSystemError?
  }

  /// Whether paths come from standard input.
  let isStream: Bool
  /// The warnings about the listed folders and about skipped files, one line each.
  let warnings: [String]
  /// The number of paths, if it is known.
  let count: Int?
  private let state: Mutex<State>

  /// - Throws: ``UsageError`` if `-` stands beside other paths; ``FeatureError`` for folders without images.
  init(_ arguments: ParsedArguments) throws {
    let words = arguments[Self.images]
    isStream = words == ["-"]
    var state = State()
    if isStream {
      if arguments[Self.null] { state.lines = InputLines(delimiter: 0) }
      count = nil
      warnings = []
      if let option = Options.listedFiles.firstGiven(arguments) {
        throw UsageError.contradiction("'\(option)' is for folders, and '-' names every file")
      }
    } else {
      if words.contains("-") {
        throw UsageError.contradiction(
          "'-' stands alone: paths come from standard input or from the command line")
      }
      if arguments[Self.null] {
        throw UsageError.contradiction("'--null' is for paths on standard input ('-')")
      }
      let list = try ImageList(paths: words, Options.listedFiles.value(arguments), isLabeled: false)
      state.listed = Self.files(list)
      warnings = list.warnings + list.notes
      count = state.listed.count
    }
    self.state = Mutex(state)
  }

  /// Creates a source of the images on the command line.
  ///
  /// - Parameter command: the command or option that needs to know all images before its work, for the message.
  /// - Throws: ``UsageError`` for `-`, and the errors of ``init(_:)``.
  convenience init(listedIn arguments: ParsedArguments, for command: String) throws {
    if arguments[Self.listedImages].contains("-") {
      throw UsageError.contradiction("'\(command)' takes images on the command line, not '-'")
    }
    try self.init(paths: arguments[Self.listedImages], Options.listedFiles.value(arguments))
  }

  /// Creates a source of image files and of folders of image files.
  ///
  /// - Throws: ``FeatureError`` for folders without images.
  init(paths: [String], _ settings: ListSettings) throws {
    isStream = false
    let list = try ImageList(paths: paths, settings, isLabeled: false)
    let listed = Self.files(list)
    warnings = list.warnings + list.notes
    count = listed.count
    state = Mutex(State(listed: listed))
  }

  private static func files(_ list: ImageList) -> [String] { list.items.map(list.location) }

  /// The next path; nil after the last path. Each line of standard input is a path, or an error refuses the line.
  func next() -> ScoringInput? {
    state.withLock { state in
      guard isStream else {
        guard state.next < state.listed.count else { return nil }
        defer { state.next += 1 }
        return .image(.file(state.listed[state.next]))
      }
      do throws(FileSystemError) {
        return try state.lines.next().map(Self.input)
      } catch {
        state.failure = error
        return nil
      }
    }
  }

  private static func input(_ line: [UInt8]) -> ScoringInput {
    let text = String(decoding: line, as: UTF8.self)
    guard String(validating: line, as: UTF8.self) != nil else {
      return .refused(text, .notAPath(problem: "its bytes are no UTF-8"))
    }
    guard !line.contains(0) else {
      return .refused(text, .notAPath(problem: "it holds zero bytes, as UTF-16 does"))
    }
    return .image(.file(text))
  }

  /// The images of the command line, in order; empty for a stream.
  var listed: [String] { state.withLock { $0.listed } }

  /// The error that ended the stream early.
  var failure: FileSystemError? { state.withLock { $0.failure } }
}
