// Finds the known name nearest to a mistyped name of an option, layer, backbone or pipeline key.

package enum NearestName {
  /// The candidate with the smallest edit distance to `name`, if the distance is small enough for a typing error. The
  /// limit is one edit for every three characters, but at least one edit and at most four edits.
  ///
  /// Case is ignored. Among equally near candidates, the first is the result. The cost is the number of candidates ×
  /// the length of `name` × the length of a candidate.
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

  /// The number of edits that turn one text into the other (optimal string alignment). An edit is an insertion, a
  /// deletion, a substitution or a swap of neighbors.
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
