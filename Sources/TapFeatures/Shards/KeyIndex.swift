// The row of each key. The index holds only row numbers, at most 11 bytes a row; the keys stay where they are.

import TapFormats

/// A hash table from keys to rows, with open addressing. A slot holds a row's number plus 1, or 0.
struct KeyIndex {
  private var slots: [UInt32] = Array(repeating: 0, count: 16)
  private(set) var count = 0

  /// The row of `key`; nil if the key is new, and then `row` becomes its row.
  ///
  /// - Parameter keyOfRow: the key of a row that was added before.
  mutating func insert(_ key: Digest, row: Int, keyOfRow: (Int) -> Digest) -> Int? {
    if 4 * (count + 1) > 3 * slots.count { grow(keyOfRow) }
    let slot = place(of: key, keyOfRow)
    guard slots[slot] == 0 else { return Int(slots[slot]) - 1 }
    slots[slot] = UInt32(row + 1)
    count += 1
    return nil
  }

  /// The slot that has the key, or the free slot for the key. Keys are hashes, so their first bytes are spread evenly.
  private func place(of key: Digest, _ keyOfRow: (Int) -> Digest) -> Int {
    let mask = slots.count - 1
    var slot = Int(truncatingIfNeeded: key.prefix) & mask
    while slots[slot] != 0, keyOfRow(Int(slots[slot]) - 1) != key { slot = (slot + 1) & mask }
    return slot
  }

  private mutating func grow(_ keyOfRow: (Int) -> Digest) {
    let rows = slots.filter { $0 != 0 }
    slots = Array(repeating: 0, count: 2 * slots.count)
    for row in rows { slots[place(of: keyOfRow(Int(row) - 1), keyOfRow)] = row }
  }
}
