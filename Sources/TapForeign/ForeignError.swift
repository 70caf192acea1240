// The errors of the C face itself. All other errors come from the library.

import CTapForeign
import LayerTap

/// A call of the C face could not be made.
enum ForeignError: Error, Equatable {
  /// The pointer of this argument is null.
  case null(String)
  /// A size or another value of this argument is wrong.
  case argument(String, problem: String)
  /// A text is not UTF-8.
  case notUTF8(String)
  /// The handle is not a handle of this kind.
  case handle(expected: HandleKind, found: HandleKind?)
  /// The handle is not a handle of any kind.
  case noHandle
  /// The system has no more threads.
  case noThread
  /// The process was forked during a call.
  case forked
  /// A value is NaN, infinite, or beyond the range of float32.
  case value(row: Int, column: Int, Double)
  /// A copy of a matrix needs more memory than the machine has.
  case tooLarge(rows: Int, columns: Int)
  /// A store has no list of images.
  case noItems(store: String)
  /// A classifier's backbone is neither embedded nor built in.
  case backboneOfFile(String)
}

extension ForeignError: CustomStringConvertible {
  var description: String {
    switch self {
    case .null(let name): "\(name) is a null pointer: give memory"
    case .argument(let name, let problem): "\(name): \(problem)"
    case .notUTF8(let name): "\(name) is not UTF-8: texts and paths are UTF-8 here"
    case .handle(let expected, let found?):
      "a handle of \(expected.text) is needed, and this is a handle of \(found.text)"
    case .handle(let expected, nil):
      "a handle of \(expected.text) is needed, and this handle was released or never existed"
    case .noThread: "the system has no more threads, and a forked process needs one: end other threads, or try again"
    case .noHandle: "this handle was released or never existed"
    case .forked:
      "this process was forked during a call of the library, so that locks may be held by threads that do not exist: fork "
        + "between calls, or start a new process instead of a fork"
    case .value(let row, let column, let value):
      "the value in row \(row), column \(column) is \(value.dataText); every value must be finite and fit into float32: find what "
        + "produced it, or leave the row out"
    case .tooLarge(let rows, let columns):
      "a float32 copy of \(rows) rows of \(columns) columns does not fit into the memory of this machine: give float32 rows "
        + "whose columns are adjacent, which are not copied, or fewer rows"
    case .noItems(let store):
      "\(store) has no list of images: no extraction has ended yet"
    case .backboneOfFile(let name):
      "the classifier's backbone '\(name)' is neither embedded nor built in: open its file, and give it to the classifier "
        + "(layertap_classifier_prepare; in Python load(path, backbone=Backbone(file)))"
    }
  }
}

extension ForeignError: ExitCoded {
  var exitCode: Int32 {
    switch self {
    case .null, .argument: LAYERTAP_ARGUMENT
    case .handle, .noHandle: LAYERTAP_HANDLE
    case .forked: LAYERTAP_FORKED
    case .noThread: ExitCode.temporary
    case .notUTF8, .value, .tooLarge, .noItems: ExitCode.data
    case .backboneOfFile: ExitCode.missingInput
    }
  }
}
