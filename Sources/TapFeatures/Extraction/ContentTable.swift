// The contents that have a row or are being computed. A content is the bytes of an image file. Images of the same bytes
// are computed once. The first of these images in list order determines the position of the row.

import Synchronization
import TapFormats

/// The state of each content. All workers share one table.
final class ContentTable: Sendable {
  enum Entry: Equatable, Sendable {
    /// The content has this row, committed or appended.
    case row(Int)
    /// The content cannot be decoded, for this reason.
    case unreadable(String)
    /// The content is being computed for the item with this index.
    case claimed(by: Int)
  }

  private let entries: Mutex<[Digest: Entry]>

  init(keys: [Digest]) {
    entries = Mutex(
      Dictionary(keys.enumerated().map { ($1, Entry.row($0)) }, uniquingKeysWith: { first, _ in first }))
  }

  /// Whether item `index` must compute the content.
  ///
  /// The item need not compute the content if the content has a row or an earlier item computes the content. A later
  /// item on another thread may compute the content already. In this case both items compute it, and the later item's
  /// result is dropped. So rows do not depend on the speed of threads.
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
