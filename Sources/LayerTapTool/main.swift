print("layertap")
