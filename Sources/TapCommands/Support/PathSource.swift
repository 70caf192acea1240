// The images for `predict` and `classify`: from the arguments, or from standard input until it ends, as paths or as
// frames.

import LayerTap
import Synchronization
import TapFileSystem
import TapSettings

/// Gives images in order, one at a time.
final class PathSource: Sendable {
  static let images = Parameter<[String]>.positionals(
    "images", .file,
    help: "Image files and folders of them; '-' reads paths from standard input, one a line, or frames (--stdin).")

  /// The images of a command that can also serve clients.
  static let imagesUnlessServing = Parameter<[String]>.positionals(
    "images", .file, isRequired: false,
    help: "Image files and folders of them; '-' reads paths from standard input, one a line, or frames (--stdin)."
  ).unless("listen")

  /// The images of a command that does not read paths from standard input.
  static let listedImages = Parameter<[String]>.positionals(
    "images", .file, help: "Image files and folders of them.")

  static let null = Parameter<Bool>.flag(
    "null", topic: .data, help: "Paths on standard input end with a zero byte instead of a line feed.")

  /// The form of standard input.
  enum StandardInput: String, CaseIterable, Sendable {
    case paths = "paths"
    case frames = "frames"
  }

  static let standardInput = Parameter<StandardInput>.option(
    "stdin", .choice, default: .paths, topic: .data, isCommon: true,
    help: "With '-': what standard input has, paths or frames: names with the bytes of image files.")

  static let time = Parameter<Bool>.flag(
    "time", topic: .output, help: "With '-': add the milliseconds of the work on each image to its line.")

  /// The options of a command that reads images from the arguments or from standard input.
  static let options = [standardInput.declaration, null.declaration, time.declaration]

  private enum Stream {
    case lines(InputLines)
    case frames(InputFrames)
    case ended
  }

  private struct State {
    var stream = Stream.ended
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
    let form = arguments[Self.standardInput]
    if isStream {
      if form == .frames, arguments[Self.null] {
        throw UsageError.contradiction("'--null' is for paths, and '--stdin frames' reads frames")
      }
      state.stream =
        switch form {
        case .paths: .lines(arguments[Self.null] ? InputLines(delimiter: 0) : InputLines())
        case .frames: .frames(InputFrames(atMost: ImageDecoder.maximumBytes))
        }
      count = nil
      warnings = []
      if let option = Options.listedFiles.firstGiven(arguments) {
        throw UsageError.contradiction("'\(option)' is for folders, and '-' names every file")
      }
    } else {
      guard !words.isEmpty else { throw UsageError.missingArgument(Self.images.declaration.label) }
      if words.contains("-") {
        throw UsageError.contradiction(
          "'-' stands alone: paths come from standard input or from the command line")
      }
      try Self.refuseStreamOptions(arguments)
      let list = try ImageList(paths: words, Options.listedFiles.value(arguments), isLabeled: false)
      state.listed = Self.files(list)
      warnings = list.warnings + list.notes
      count = state.listed.count
    }
    self.state = Mutex(state)
  }

  /// - Throws: ``UsageError`` for an option that is only for standard input.
  private static func refuseStreamOptions(_ arguments: ParsedArguments) throws(UsageError) {
    for option in [null.declaration, standardInput.declaration, time.declaration] where arguments.has(option) {
      throw .contradiction("'\(option.flagName)' is for standard input ('-')")
    }
  }

  /// Creates a source of the images on the command line.
  ///
  /// - Parameter command: the command or option that needs to know all images before its work, for the message.
  /// - Throws: ``UsageError`` for `-`, and the errors of ``init(_:)``.
  convenience init(listedIn arguments: ParsedArguments, for command: String) throws {
    if arguments[Self.listedImages].contains("-") {
      throw UsageError.contradiction("'\(command)' takes images on the command line, not '-'")
    }
    try Self.refuseStreamOptions(arguments)
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
      switch state.stream {
      case .lines(var lines):
        state.stream = .ended
        defer { state.stream = .lines(lines) }
        do throws(FileSystemError) {
          return try lines.next().map(Self.input)
        } catch {
          state.failure = error
          return nil
        }
      case .frames(var frames):
        state.stream = .ended
        do throws(InputFrameError) {
          guard let frame = try frames.next() else { return nil }
          state.stream = .frames(frames)
          return Self.input(frame)
        } catch {
          if case .file(let failure) = error {
            state.failure = failure
            return nil
          }
          // The last line names the problem, since the writer of frames reads lines.
          return .refusedFrame(
            FrameLabel(index: frames.count, name: nil), .notAFrame(problem: "\(error)"))
        }
      case .ended:
        guard state.next < state.listed.count else { return nil }
        defer { state.next += 1 }
        return .image(.file(state.listed[state.next]))
      }
    }
  }

  /// The image of a frame.
  static func input(_ frame: InputFrame) -> ScoringInput {
    let label = FrameLabel(index: frame.index, name: frame.name)
    guard let data = frame.data else {
      return .refusedFrame(
        label,
        .notAFrame(
          problem: "the data have \(frame.byteCount) bytes, and an image file has at most \(ImageDecoder.maximumBytes)")
      )
    }
    return .framed(label, .encoded(data))
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
