// CTapCodecs
