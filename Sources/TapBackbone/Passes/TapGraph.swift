// Keeps the values of taps in a graph whose nodes were merged.

extension Graph {
  /// The nodes that the taps need. This graph is a fused form of `unfused`.
  ///
  /// The fused graph does not depend on the taps. A tap inside a fused group gets a side branch: unfused operators that
  /// compute the tap from the nearest existing values. So the bytes of one tap do not depend on the other taps.
  package func tapped(at taps: Set<String>, unfused: Graph) -> Graph {
    let available = Set(nodes.map(\.output)).union([Graph.input])
    var branches: [Node] = []
    var wanted = taps
    var pending = taps.subtracting(available)
    for node in unfused.nodes.reversed() where pending.contains(node.output) {
      branches.append(node)
      for name in node.inputs where available.contains(name) { wanted.insert(name) }
      pending.formUnion(node.inputs.filter { !available.contains($0) })
    }
    return Graph(reduced(to: wanted).nodes + branches.reversed())
  }
}
