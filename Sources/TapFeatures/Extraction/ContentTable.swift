// Contents that have a row, or are being computed. Images of the same bytes are computed once, and the first of them in
// list order decides where the row goes.

import Synchronization
import TapFormats

/// The state of each content, shared by all workers.
final class ContentTable: Sendable {
  enum Entry: Equatable, Sendable {
    /// Its row, committed or appended.
    case row(Int)
    /// It cannot be decoded, for this reason.
    case unreadable(String)
    /// Being computed for the item with this index.
    case claimed(by: Int)
  }

  private let entries: Mutex<[Digest: Entry]>

  init(keys: [Digest]) {
    entries = Mutex(
      Dictionary(keys.enumerated().map { ($1, Entry.row($0)) }, uniquingKeysWith: { first, _ in first }))
  }

  /// Whether item `index` must compute the content.
  ///
  /// It need not when the content has a row or an earlier item computes it. A later item may compute it already, on
  /// another thread; then both compute it and the later one's result is dropped, so that rows do not depend on which
  /// thread was faster.
  func claim(_ key: Digest, for index: Int) -> Bool {
    entries.withLock { entries in
      switch entries[key] {
      case .row, .unreadable: return false
      case .claimed(let other) where other < index: return false
      case .claimed, nil:
        entries[key] = .claimed(by: index)
        return true
      }
    }
  }

  func entry(_ key: Digest) -> Entry? { entries.withLock { $0[key] } }

  func set(_ key: Digest, _ entry: Entry) { entries.withLock { $0[key] = entry } }
}
