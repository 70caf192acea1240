// The known name nearest to a mistyped one. For options, layers, backbones and keys of pipeline files.

package enum NearestName {
  /// The candidate with the smallest edit distance to `name`, if it is near enough to be a typing error: at most one
  /// edit in three characters, and never more than four.
  ///
  /// Case is ignored; of equally near candidates the first wins. Cost: candidates x |name| x |candidate|.
  package static func nearest<Candidates: Sequence<String>>(
    to name: String, in candidates: Candidates
  ) -> String? {
    let wanted = Array(name.lowercased().unicodeScalars)
    let limit = min(max(wanted.count / 3, 1), 4)
    var best: (distance: Int, name: String)?
    for candidate in candidates {
      let distance = editDistance(wanted, Array(candidate.lowercased().unicodeScalars))
      if distance <= limit, distance < (best?.distance ?? .max) {
        best = (distance, candidate)
      }
    }
    return best?.name
  }

  /// Insertions, deletions, substitutions and swaps of neighbors that turn one text into the other
  /// (optimal string alignment).
  package static func editDistance(_ a: [Unicode.Scalar], _ b: [Unicode.Scalar]) -> Int {
    if a.isEmpty || b.isEmpty { return max(a.count, b.count) }
    var beforePrevious = [Int](repeating: 0, count: b.count + 1)
    var previous = Array(0...b.count)
    for i in 1...a.count {
      var row = [i] + [Int](repeating: 0, count: b.count)
      for j in 1...b.count {
        let substitution = previous[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1)
        row[j] = min(substitution, previous[j] + 1, row[j - 1] + 1)
        if i > 1, j > 1, a[i - 1] == b[j - 2], a[i - 2] == b[j - 1] {
          row[j] = min(row[j], beforePrevious[j - 2] + 1)
        }
      }
      beforePrevious = previous
      previous = row
    }
    return previous[b.count]
  }
}
