print("drawbridged")
